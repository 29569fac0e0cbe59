package io.podslice.cgroups;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether a folder is what podslice needs to work on: a cgroup v2 mount with the controllers that it writes to. */
public final class Cgroup2Mount {
    /** Without these nothing of a pod's budget could be enforced. */
    private static final List<String> REQUIRED = List.of("cpuset", "cpu", "memory");

    private Cgroup2Mount() {}

    /**
     * What is wrong with the folder as the root of the cgroup tree; empty if nothing is.
     *
     * @param configKey the configuration's name for it, to begin the text with, e.g. {@code cgroups.root}
     */
    public static Optional<String> problem(Path root, String configKey) {
        String type;
        try {
            type = Files.getFileStore(root).type();
        } catch (IOException e) {
            return Optional.of(configKey + " " + root + ": cannot be looked at: " + e);
        }
        if (!type.equals("cgroup2")) {
            return Optional.of(configKey + " " + root + ": is " + type + ", must be a cgroup v2 mount (cgroup2)"
                    + (type.equals("tmpfs") ? "; the node seems to boot with cgroup v1" : ""));
        }
        List<String> missing = new ArrayList<>(REQUIRED);
        missing.removeAll(Controllers.parse(new KernelCgroupFiles(root).read(CgroupPath.ROOT, "cgroup.controllers")));
        if (!missing.isEmpty()) {
            return Optional.of(configKey + " " + root + ": has no controller " + String.join(", ", missing)
                    + " (cgroup.controllers); a cgroup v1 hierarchy may hold it");
        }
        return Optional.empty();
    }
}
