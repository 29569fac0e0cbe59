package io.podslice.node.change;

import io.podslice.cgroups.ByteLimit;
import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupFile;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.Errno;
import io.podslice.cgroups.Plan;
import io.podslice.cgroups.Step;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Memory limits compared with what is in use: the kernel kills for a {@code memory.max} below that which it cannot reclaim.
 * A resize reclaims before it writes; whatever restores an earlier value has not, and leaves the limit as it is.
 */
public final class MemoryInUse {
    private static final Logger log = LoggerFactory.getLogger(MemoryInUse.class);

    private final CgroupFiles files;

    public MemoryInUse(CgroupFiles files) {
        this.files = files;
    }

    /** Returns the bytes in use; 0 where that cannot be known, as where the cgroup has gone. */
    public long of(CgroupPath cgroup) {
        String current = read(cgroup, CgroupFile.MEMORY_CURRENT);
        return current == null ? 0 : Long.parseLong(current.strip());
    }

    /** Tells if a cgroup's limit would fall to a number of bytes; false where the cgroup has gone or has no limit file. */
    public boolean isLowered(CgroupPath cgroup, long limitBytes) {
        String max = read(cgroup, CgroupFile.MEMORY_MAX);
        if (max == null) {
            return false;
        }
        ByteLimit present = ByteLimit.parse(max);
        return !present.isLimited() || limitBytes < present.bytes();
    }

    /** Tells if a cgroup's limit would fall to a number of bytes at or below what is in use. */
    public boolean isAbove(CgroupPath cgroup, long limitBytes) {
        return isLowered(cgroup, limitBytes) && of(cgroup) >= limitBytes;
    }

    /** Tells if the kernel could kill for the write: it lowers a memory limit to what is in use, or below. */
    public boolean forbids(Step step) {
        if (!(step instanceof Step.WriteFile write) || !write.file().equals(CgroupFile.MEMORY_MAX)) {
            return false;
        }
        ByteLimit limit = ByteLimit.parse(write.value());
        return limit.isLimited() && isAbove(write.path(), limit.bytes());
    }

    /** Returns the plan without the writes that {@link #forbids} names, which it logs. */
    public Plan allowed(Plan plan, String occasion) {
        List<Step> steps = new ArrayList<>();
        for (Step step : plan.steps()) {
            if (forbids(step)) {
                log.warn("{}: left out, for {} bytes are in use: {}", occasion, of(step.path()), step.describe());
            } else {
                steps.add(step);
            }
        }
        return steps.size() == plan.steps().size() ? plan : new Plan(steps);
    }

    private @Nullable String read(CgroupPath cgroup, String file) {
        try {
            return files.hasFile(cgroup, file) ? files.read(cgroup, file) : null;
        } catch (CgroupException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENODEV) {
                return null;
            }
            throw e;
        }
    }
}
