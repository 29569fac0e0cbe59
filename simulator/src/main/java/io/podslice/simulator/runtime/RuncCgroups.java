package io.podslice.simulator.runtime;

import io.podslice.cgroups.CgroupPath;
import io.podslice.proto.cri.v1.HugepageLimit;
import io.podslice.proto.cri.v1.LinuxContainerResources;
import io.podslice.simulator.libcontainer.FileValue;
import io.podslice.simulator.libcontainer.Libcontainer;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * Gives containers' cgroups runc's values, in the order of runc's cgroup v2 driver (memory, cpu, cpuset, hugetlb,
 * and raw unified keys last).
 */
final class RuncCgroups {
    private static final long DEFAULT_PERIOD_MICROS = 100_000;

    private final Libcontainer libcontainer;

    RuncCgroups(Libcontainer libcontainer) {
        this.libcontainer = libcontainer;
    }

    /** Makes the cgroup and every missing ancestor, and enables at each level all controllers that the root has. */
    void create(CgroupPath path) {
        libcontainer.create(path);
    }

    /** Writes the resources that are set; the files of the others keep their values. */
    void apply(CgroupPath path, LinuxContainerResources resources) {
        List<FileValue> values = new ArrayList<>();
        addMemory(path, resources, values);
        addCpu(resources, values);
        if (!resources.getCpusetCpus().isEmpty()) {
            values.add(new FileValue("cpuset.cpus", resources.getCpusetCpus()));
        }
        if (!resources.getCpusetMems().isEmpty()) {
            values.add(new FileValue("cpuset.mems", resources.getCpusetMems()));
        }
        for (HugepageLimit limit : resources.getHugepageLimitsList()) {
            values.add(
                    new FileValue("hugetlb." + limit.getPageSize() + ".max", Long.toUnsignedString(limit.getLimit())));
        }
        new TreeMap<>(resources.getUnifiedMap()).forEach((file, value) -> values.add(new FileValue(file, value)));
        libcontainer.set(path, values);
    }

    private void addMemory(CgroupPath path, LinuxContainerResources resources, List<FileValue> values) {
        long limit = resources.getMemoryLimitInBytes();
        long withSwap = resources.getMemorySwapLimitInBytes();
        if (withSwap != 0 && libcontainer.files().hasFile(path, "memory.swap.max")) {
            values.add(new FileValue(
                    "memory.swap.max", withSwap < 0 ? "max" : Long.toString(withSwap - Math.max(limit, 0))));
        }
        if (limit != 0) {
            values.add(new FileValue("memory.max", limit < 0 ? "max" : Long.toString(limit)));
        }
    }

    private static void addCpu(LinuxContainerResources resources, List<FileValue> values) {
        long weight = CpuWeight.ofShares(resources.getCpuShares());
        if (weight != 0) {
            values.add(new FileValue("cpu.weight", Long.toString(weight)));
        }
        long quota = resources.getCpuQuota();
        long period = resources.getCpuPeriod();
        if (quota != 0 || period != 0) {
            values.add(new FileValue(
                    "cpu.max",
                    (quota > 0 ? Long.toString(quota) : "max") + " " + (period == 0 ? DEFAULT_PERIOD_MICROS : period)));
        }
    }

    /** Removes the cgroup; does nothing if it is gone already. */
    void remove(CgroupPath path) {
        libcontainer.remove(path);
    }
}
