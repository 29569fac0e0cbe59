package io.podslice.simulator.kernel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Copies the tree into a folder, every file with its present text. Nothing is read back from the folder. */
final class CgroupMirror {
    private final Path folder;
    /** The text of each file on disk, by path. */
    private final Map<Path, String> shown = new HashMap<>();

    CgroupMirror(Path folder) {
        this.folder = folder;
    }

    /** Writes the files that have changed since the last call, and removes those of cgroups that are gone. */
    void show(CgroupTree tree) {
        try {
            show(tree, tree.root(), folder);
        } catch (IOException e) {
            throw new UncheckedIOException("mirroring the simulated cgroups to " + folder, e);
        }
    }

    private void show(CgroupTree tree, Cgroup cgroup, Path dir) throws IOException {
        if (cgroup.changed) {
            cgroup.changed = false;
            Files.createDirectories(dir);
            Set<String> names = new HashSet<>(cgroup.children.keySet());
            for (String file : tree.files(cgroup)) {
                names.add(file);
                showFile(dir.resolve(file), text(tree, cgroup, file));
            }
            removeOthers(dir, names);
        }
        for (Map.Entry<String, Cgroup> child : cgroup.children.entrySet()) {
            show(tree, child.getValue(), dir.resolve(child.getKey()));
        }
    }

    /** Returns a file's text; null for a file that can only be written. */
    private static @Nullable String text(CgroupTree tree, Cgroup cgroup, String file) {
        try {
            return tree.read(cgroup, file);
        } catch (KernelError e) {
            return null;
        }
    }

    private void showFile(Path path, @Nullable String text) throws IOException {
        String content = text == null ? "" : text + "\n";
        if (!content.equals(shown.get(path))) {
            Files.writeString(path, content);
            shown.put(path, content);
        }
    }

    private void removeOthers(Path dir, Set<String> names) throws IOException {
        List<Path> gone;
        try (Stream<Path> entries = Files.list(dir)) {
            gone = entries.filter(path -> !names.contains(path.getFileName().toString()))
                    .toList();
        }
        for (Path path : gone) {
            try (Stream<Path> all = Files.walk(path)) {
                for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                    shown.remove(each);
                    Files.delete(each);
                }
            }
        }
    }
}
