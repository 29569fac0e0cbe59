package io.podslice.node.change;

import io.podslice.cgroups.ByteLimit;
import io.podslice.cgroups.CgroupFile;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.Controllers;
import io.podslice.cgroups.CpuMax;
import io.podslice.cgroups.HugePageSize;
import io.podslice.cgroups.Plan;
import io.podslice.cgroups.Step;
import io.podslice.managers.pod.CpuUnits;
import io.podslice.managers.pod.PodCgroupValues;
import io.podslice.node.state.PodBudget;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/** The steps that make a pod's cgroup and put its budget there. Pure. */
public final class PodCgroup {
    private PodCgroup() {}

    /**
     * Returns the plan that makes the missing ancestors of a pod's cgroup, and enables in all of them the controllers
     * that pods need.
     */
    public static Plan ancestors(CgroupPath path, Predicate<CgroupPath> exists) {
        List<Step> steps = new ArrayList<>();
        for (Step enable : Controllers.enableAbove(path)) {
            if (!exists.test(enable.path())) {
                steps.add(new Step.CreateCgroup(enable.path()));
            }
            steps.add(enable);
        }
        return new Plan(steps);
    }

    /** Returns the plan that makes the pod's cgroup, and enables the controllers for its containers. */
    public static Plan create(CgroupPath path) {
        return Plan.of(new Step.CreateCgroup(path), new Step.EnableControllers(path, Controllers.WANTED));
    }

    /**
     * Returns the plan that writes a budget to the pod's cgroup.
     *
     * @param pageSizes sizes of huge pages that the machine has; those that the budget does not name get no pages
     */
    public static Plan values(CgroupPath path, PodBudget budget, List<HugePageSize> pageSizes) {
        PodCgroupValues values = budget.cgroup();
        List<Step> steps = new ArrayList<>();
        steps.add(new Step.WriteFile(path, CgroupFile.CPU_WEIGHT, weight(values)));
        steps.add(new Step.WriteFile(path, CgroupFile.CPU_MAX, cpuMax(values)));
        steps.add(new Step.WriteFile(path, CgroupFile.MEMORY_MAX, memoryMax(values)));
        if (budget.knowsHugepages()) {
            SortedMap<Long, Long> limits = new TreeMap<>(values.hugetlbMaxBytes());
            for (HugePageSize size : pageSizes) {
                limits.putIfAbsent(size.bytes(), 0L);
            }
            limits.forEach((size, bytes) ->
                    steps.add(new Step.WriteFile(path, new HugePageSize(size).limitFile(), Long.toString(bytes))));
        }
        return new Plan(steps);
    }

    /** Returns the text of cpu.weight, 1 to 10000. */
    public static String weight(PodCgroupValues values) {
        return Long.toString(CpuUnits.weightOf(values.cpuShares()));
    }

    /** Returns the text of cpu.max. */
    public static String cpuMax(PodCgroupValues values) {
        return cpuMax(values.cpuQuotaMicros(), values.cpuPeriodMicros());
    }

    /**
     * Returns the text of cpu.max.
     *
     * @param quotaMicros 0 or less for no limit; raised to the kernel's minimum of 1000 µs
     * @param periodMicros 0 or less for the default of 100000 µs
     */
    public static String cpuMax(long quotaMicros, long periodMicros) {
        long period = periodMicros > 0 ? periodMicros : CpuMax.DEFAULT_PERIOD_MICROS;
        return quotaMicros > 0
                ? new CpuMax(Math.max(CpuMax.MIN_MICROS, quotaMicros), period).toString()
                : new CpuMax(CpuMax.NO_QUOTA, period).toString();
    }

    /** Returns the text of memory.max. */
    public static String memoryMax(PodCgroupValues values) {
        return memoryMax(values.memoryMaxBytes());
    }

    /** Returns the text of memory.max; 0 or less stands for no limit. */
    public static String memoryMax(long bytes) {
        return (bytes > 0 ? new ByteLimit(bytes) : ByteLimit.UNLIMITED).toString();
    }
}
