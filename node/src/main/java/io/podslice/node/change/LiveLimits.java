package io.podslice.node.change;

import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.managers.pod.LinuxResources;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The memory limits of running containers, which adoption never lowers. A runtime that is told of a container's CPUs writes
 * all that it has stored for it, its memory limit too; another program may have raised that since, and the kernel would
 * kill for it.
 */
public final class LiveLimits {
    private static final Logger log = LoggerFactory.getLogger(LiveLimits.class);

    private final MemoryInUse memory;

    public LiveLimits(CgroupFiles files) {
        this.memory = new MemoryInUse(files);
    }

    /**
     * Returns what the runtime may be told of a running container.
     *
     * @param container its name, for the log
     * @param stored what the runtime has stored for it
     * @param decided what it would be told
     * @return the decided resources without a memory limit that is below the present one; empty if the stored one is
     */
    public Optional<LinuxResources> kept(
            String container, CgroupPath cgroup, LinuxResources stored, LinuxResources decided) {
        long limit = decided.memoryLimitBytes() > 0 ? decided.memoryLimitBytes() : stored.memoryLimitBytes();
        if (limit <= 0 || !memory.isLowered(cgroup, limit)) {
            return Optional.of(decided);
        }
        if (stored.memoryLimitBytes() <= 0 || !memory.isLowered(cgroup, stored.memoryLimitBytes())) {
            return Optional.of(decided.withMemoryLimit(stored.memoryLimitBytes()));
        }
        log.warn(
                "container {}: another program has raised its memory.max above the {} bytes that the runtime has"
                        + " stored and would write again: the runtime is not told of its CPUs; podslice sets them itself",
                container,
                stored.memoryLimitBytes());
        return Optional.empty();
    }
}
