package io.podslice.integration.demo;

import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.Errno;
import io.podslice.simulator.kernel.SimulatedCgroups;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A copy of a simulated cgroup tree as plain files, to look into. */
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

    /** Nothing for files that can only be written, as the kernel's own have no text either. */
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
