package io.podslice.node.memory;

import io.podslice.cgroups.ByteLimit;
import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupFile;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.Errno;
import java.util.OptionalLong;

/** Reads memory files from the cgroup tree, for {@link ProtectionChange}. */
public final class ProtectionReader {
    private final CgroupFiles files;

    public ProtectionReader(CgroupFiles files) {
        this.files = files;
    }

    /** Reads the cgroup's memory files; all values are empty if there is no such cgroup. */
    public PresentMemory read(CgroupPath path) {
        OptionalLong max = bytes(path, CgroupFile.MEMORY_MAX);
        return max.isEmpty()
                ? new PresentMemory(OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty(), max)
                : new PresentMemory(
                        bytes(path, MemoryFile.MIN.text()),
                        bytes(path, MemoryFile.LOW.text()),
                        bytes(path, MemoryFile.HIGH.text()),
                        max);
    }

    /** Reads one file's value in bytes; empty if there is no such file or cgroup. */
    OptionalLong bytes(CgroupPath path, String file) {
        try {
            return OptionalLong.of(ByteLimit.parse(files.read(path, file)).bytes());
        } catch (CgroupException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENODEV) {
                return OptionalLong.empty();
            }
            throw e;
        }
    }
}
