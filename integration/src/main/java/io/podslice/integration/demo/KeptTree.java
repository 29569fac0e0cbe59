package io.podslice.integration.demo;

import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.Errno;
import io.podslice.simulator.kernel.SimulatedCgroups;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Copies a simulated cgroup tree into plain files that a reader can inspect. */
final class KeptTree {
    private final SimulatedCgroups kernel;

    private KeptTree(SimulatedCgroups kernel) {
        this.kernel = kernel;
    }

    /** Copies every file that can be read. */
    static void write(SimulatedCgroups kernel, Path folder) {
        try {
            new KeptTree(kernel).copy(CgroupPath.ROOT, folder);
        } catch (IOException e) {
            throw new UncheckedIOException("copying the simulated cgroups to " + folder, e);
        }
    }

    private void copy(CgroupPath cgroup, Path folder) throws IOException {
        Files.createDirectories(folder);
        for (String file : kernel.files(cgroup)) {
            Files.writeString(folder.resolve(file), text(cgroup, file));
        }
        for (String child : kernel.children(cgroup)) {
            copy(cgroup.child(child), folder.resolve(child));
        }
    }

    /** Returns a file's text; empty for a file that can only be written. */
    private String text(CgroupPath cgroup, String file) {
        try {
            return kernel.read(cgroup, file) + "\n";
        } catch (CgroupException e) {
            if (e.errno() == Errno.EINVAL || e.errno() == Errno.EACCES) {
                return "";
            }
            throw e;
        }
    }
}
