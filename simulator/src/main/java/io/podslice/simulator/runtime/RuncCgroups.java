package io.podslice.simulator.runtime;

import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.Errno;
import io.podslice.proto.cri.v1.HugepageLimit;
import io.podslice.proto.cri.v1.LinuxContainerResources;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.TreeMap;

/**
 * Writes runc's files to the tree, in the order of runc's cgroup v2 driver (memory, cpu, cpuset, hugetlb,
 * and raw unified keys last).
 */
final class RuncCgroups {
    private static final long DEFAULT_PERIOD_MICROS = 100_000;

    private final CgroupFiles files;

    RuncCgroups(CgroupFiles files) {
        this.files = files;
    }

    /**
     * Makes the cgroup and every missing ancestor, and enables at each level all controllers that the root has. A level
     * made here is removed again if a later one cannot be made; one that existed stays.
     */
    void create(CgroupPath path) {
        List<String> controllers = List.of(
                files.read(CgroupPath.ROOT, "cgroup.controllers").strip().split(" "));
        Deque<CgroupPath> made = new ArrayDeque<>();
        try {
            for (CgroupPath level : fromRoot(path)) {
                if (!level.equals(CgroupPath.ROOT) && mkdir(level)) {
                    made.push(level);
                }
                if (!level.equals(path)) {
                    enable(level, controllers);
                }
            }
        } catch (CgroupException e) {
            made.forEach(files::remove);
            throw e;
        }
    }

    private boolean mkdir(CgroupPath level) {
        try {
            files.create(level);
            return true;
        } catch (CgroupException e) {
            if (e.errno() == Errno.EEXIST) {
                return false;
            }
            throw e;
        }
    }

    /** Enables all controllers at once, else one by one; one that cannot be enabled fails when its file is written. */
    private void enable(CgroupPath level, List<String> controllers) {
        try {
            files.write(level, "cgroup.subtree_control", "+" + String.join(" +", controllers));
        } catch (CgroupException all) {
            for (String controller : controllers) {
                try {
                    files.write(level, "cgroup.subtree_control", "+" + controller);
                } catch (CgroupException one) {
                    all.addSuppressed(one);
                }
            }
            if (all.getSuppressed().length == controllers.size()) {
                throw all;
            }
        }
    }

    private static Deque<CgroupPath> fromRoot(CgroupPath path) {
        Deque<CgroupPath> levels = new ArrayDeque<>();
        for (CgroupPath level = path; ; level = level.parent().orElseThrow()) {
            levels.push(level);
            if (level.equals(CgroupPath.ROOT)) {
                return levels;
            }
        }
    }

    /** Writes the resources that are set; the files of the others keep their values. */
    void apply(CgroupPath path, LinuxContainerResources resources) {
        applyMemory(path, resources);
        applyCpu(path, resources);
        if (!resources.getCpusetCpus().isEmpty()) {
            files.write(path, "cpuset.cpus", resources.getCpusetCpus());
        }
        if (!resources.getCpusetMems().isEmpty()) {
            files.write(path, "cpuset.mems", resources.getCpusetMems());
        }
        for (HugepageLimit limit : resources.getHugepageLimitsList()) {
            files.write(path, "hugetlb." + limit.getPageSize() + ".max", Long.toUnsignedString(limit.getLimit()));
        }
        new TreeMap<>(resources.getUnifiedMap()).forEach((file, value) -> files.write(path, file, value));
    }

    private void applyMemory(CgroupPath path, LinuxContainerResources resources) {
        long limit = resources.getMemoryLimitInBytes();
        long withSwap = resources.getMemorySwapLimitInBytes();
        if (withSwap != 0 && files.hasFile(path, "memory.swap.max")) {
            files.write(path, "memory.swap.max", withSwap < 0 ? "max" : Long.toString(withSwap - Math.max(limit, 0)));
        }
        if (limit != 0) {
            files.write(path, "memory.max", limit < 0 ? "max" : Long.toString(limit));
        }
    }

    private void applyCpu(CgroupPath path, LinuxContainerResources resources) {
        long weight = CpuWeight.ofShares(resources.getCpuShares());
        if (weight != 0) {
            files.write(path, "cpu.weight", Long.toString(weight));
        }
        long quota = resources.getCpuQuota();
        long period = resources.getCpuPeriod();
        if (quota != 0 || period != 0) {
            files.write(
                    path,
                    "cpu.max",
                    (quota > 0 ? Long.toString(quota) : "max") + " " + (period == 0 ? DEFAULT_PERIOD_MICROS : period));
        }
    }

    /** Removes the cgroup; does nothing if it is gone already. */
    void remove(CgroupPath path) {
        try {
            files.remove(path);
        } catch (CgroupException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
    }
}
