package io.podslice.agent.kubelet;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Everything below a folder, to compare two states of it: folders, and files with their permissions and bytes. */
public final class FolderContents {
    private FolderContents() {}

    /** Returns texts and permissions by path. */
    public static Map<String, String> of(Path root) throws IOException {
        Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> all = Files.walk(root)) {
            for (Path path : all.toList()) {
                String name = "/" + root.relativize(path);
                if (Files.isRegularFile(path) && !name.startsWith("/proc/")) {
                    contents.put(
                            name,
                            PosixFilePermissions.toString(Files.getPosixFilePermissions(path)) + " "
                                    + new String(Files.readAllBytes(path), StandardCharsets.ISO_8859_1));
                } else if (!name.startsWith("/proc")) {
                    contents.put(name, "folder");
                }
            }
        }
        return contents;
    }
}
