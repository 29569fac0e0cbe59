package io.podslice.agent.plan;

import io.podslice.cgroups.CgroupFile;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuMax;
import io.podslice.cgroups.HugePageSize;
import io.podslice.managers.pod.CpuUnits;
import io.podslice.managers.pod.LinuxResources;

/** The runtime of a dry run: makes the cgroups of sandboxes and containers, and writes what it was asked to, as runc does. */
final class DryRuntime {
    private final CgroupFiles tree;

    DryRuntime(CgroupFiles tree) {
        this.tree = tree;
    }

    /** Makes a sandbox's cgroup, in which nothing is set. */
    void sandbox(CgroupPath path) {
        tree.create(path);
    }

    /** Makes a container's cgroup with the resources that are set. */
    void container(CgroupPath path, LinuxResources resources) {
        tree.create(path);
        if (resources.memoryLimitBytes() > 0) {
            tree.write(path, CgroupFile.MEMORY_MAX, Long.toString(resources.memoryLimitBytes()));
        }
        if (resources.cpuShares() > 0) {
            tree.write(path, CgroupFile.CPU_WEIGHT, Long.toString(CpuUnits.runtimeWeightOf(resources.cpuShares())));
        }
        long quota = resources.cpuQuotaMicros();
        long period = resources.cpuPeriodMicros();
        if (quota != 0 || period != 0) {
            tree.write(
                    path,
                    CgroupFile.CPU_MAX,
                    (quota > 0 ? Long.toString(quota) : "max") + " "
                            + (period == 0 ? CpuMax.DEFAULT_PERIOD_MICROS : period));
        }
        if (!resources.cpusetCpus().isEmpty()) {
            tree.write(path, CgroupFile.CPUSET_CPUS, resources.cpusetCpus());
        }
        if (!resources.cpusetMems().isEmpty()) {
            tree.write(path, CgroupFile.CPUSET_MEMS, resources.cpusetMems());
        }
        resources
                .hugepageLimits()
                .forEach((size, bytes) ->
                        tree.write(path, HugePageSize.parse(size).limitFile(), Long.toString(bytes)));
        resources.unified().forEach((file, value) -> tree.write(path, file, value));
    }

    /** Removes the cgroup of a sandbox or container that has ended. */
    void ended(CgroupPath path) {
        tree.remove(path);
    }
}
