package io.podslice.cgroups.systemd;

import io.podslice.cgroups.CgroupFile;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The controllers that a unit's cgroup and those above it hand down, at a moment. With a property of one unit systemd disables
 * those that no unit needs, by its own reckoning: cpuset goes from all slices while none has AllowedCPUs and no container runs,
 * and a plan that has just enabled it finds no file to write. No set of CPUs is lost then, for none was a property.
 */
final class KeptControllers {
    private final CgroupFiles files;
    private final Map<CgroupPath, Set<String>> enabled = new LinkedHashMap<>();

    private KeptControllers(CgroupFiles files) {
        this.files = files;
    }

    /** Returns the controllers that are enabled now, from the root down to the cgroup. */
    static KeptControllers of(CgroupFiles files, CgroupPath dir) {
        KeptControllers kept = new KeptControllers(files);
        kept.add(Optional.of(dir));
        return kept;
    }

    private void add(Optional<CgroupPath> dir) {
        if (dir.isPresent()) {
            add(dir.get().parent());
            enabled.put(dir.get(), controllers(dir.get()));
        }
    }

    private Set<String> controllers(CgroupPath dir) {
        if (!files.hasFile(dir, CgroupFile.SUBTREE_CONTROL)) {
            return Set.of();
        }
        String text = files.read(dir, CgroupFile.SUBTREE_CONTROL).strip();
        return text.isEmpty() ? Set.of() : new LinkedHashSet<>(List.of(text.split(" ", -1)));
    }

    /** Enables again what has been disabled since; a cgroup that has gone is left out. */
    void restore() {
        enabled.forEach((dir, before) -> {
            Set<String> lost = new LinkedHashSet<>(before);
            if (!lost.isEmpty() && files.exists(dir)) {
                lost.removeAll(controllers(dir));
                if (!lost.isEmpty()) {
                    files.write(dir, CgroupFile.SUBTREE_CONTROL, "+" + String.join(" +", lost));
                }
            }
        });
    }
}
