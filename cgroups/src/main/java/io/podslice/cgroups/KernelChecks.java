package io.podslice.cgroups;

import org.jspecify.annotations.Nullable;

/**
 * Writes that the kernel takes or refuses by what another file of the cgroup says, as of Linux 6.12,
 * kernel/sched/core.c: {@code tg_set_cfs_bandwidth} refuses a quota below {@code cpu.max.burst}, and {@code
 * sched_group_set_shares} a weight while {@code cpu.idle} is 1, both with EINVAL. Limits of the cgroups above refuse
 * nothing on cgroup v2: the lower value holds.
 */
public final class KernelChecks {
    private KernelChecks() {}

    /**
     * Tells if the cgroup's {@code cpu.idle} is 1: its weight is the kernel's own then, and no other is taken. False
     * where there is no such file (before Linux 5.15), or no such cgroup.
     */
    public static boolean isIdle(CgroupFiles files, CgroupPath path) {
        return files.hasFile(path, CgroupFile.CPU_IDLE)
                && files.read(path, CgroupFile.CPU_IDLE).strip().equals("1");
    }

    /** Tells if the kernel would refuse the write whatever its value is, and whatever is written before it. */
    static boolean isOverruled(CgroupFiles files, Step.WriteFile write) {
        return write.file().equals(CgroupFile.CPU_WEIGHT) && isIdle(files, write.path());
    }

    /**
     * Returns the write that must come before, so that the kernel takes this one: a burst above the new quota comes
     * down to it. Null where none is needed.
     */
    static Step.@Nullable WriteFile before(CgroupFiles files, Step.WriteFile write) {
        if (!write.file().equals(CgroupFile.CPU_MAX) || !files.hasFile(write.path(), CgroupFile.CPU_MAX_BURST)) {
            return null;
        }
        try {
            CpuMax max = CpuMax.parse(write.value());
            long burst = Long.parseLong(
                    files.read(write.path(), CgroupFile.CPU_MAX_BURST).strip());
            return max.isLimited() && burst > max.quotaMicros()
                    ? new Step.WriteFile(
                            write.path(), CgroupFile.CPU_MAX_BURST, Long.toString(max.quotaMicros()), write.mayBeGone())
                    : null;
        } catch (IllegalArgumentException e) {
            return null; // a value that cannot be understood: the kernel reports its errors
        }
    }
}
