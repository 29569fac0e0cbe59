package io.podslice.cgroups;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Checks that a folder is a cgroup v2 mount with the controllers that podslice writes to. */
public final class Cgroup2Mount {
    /** The controllers without which no part of a pod's budget could be enforced. */
    private static final List<String> REQUIRED = List.of("cpuset", "cpu", "memory");

    private Cgroup2Mount() {}

    /**
     * Returns the reason why the folder cannot be the root of the cgroup tree; empty if it can.
     *
     * @param configKey the configuration's name for the folder, with which the text begins, e.g. {@code cgroups.root}
     */
    public static Optional<String> problem(Path root, String configKey) {
        String type;
        try {
            type = Files.getFileStore(root).type();
        } catch (IOException e) {
            return Optional.of(configKey + " " + root + ": cannot be examined: " + e);
        }
        if (!type.equals("cgroup2")) {
            return Optional.of(configKey + " " + root + ": is " + type + ", must be a cgroup v2 mount (cgroup2)"
                    + (type.equals("tmpfs") ? "; the node seems to boot with cgroup v1" : ""));
        }
        List<String> missing = new ArrayList<>(REQUIRED);
        missing.removeAll(Controllers.parse(new KernelCgroupFiles(root).read(CgroupPath.ROOT, CgroupFile.CONTROLLERS)));
        if (!missing.isEmpty()) {
            return Optional.of(configKey + " " + root + ": has no controller " + String.join(", ", missing)
                    + " (cgroup.controllers); a cgroup v1 hierarchy may hold it");
        }
        return Optional.empty();
    }
}
