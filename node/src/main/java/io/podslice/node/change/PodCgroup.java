package io.podslice.node.change;

import io.podslice.cgroups.ByteLimit;
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
    public static final String CPU_MAX = "cpu.max";
    public static final String CPU_WEIGHT = "cpu.weight";
    public static final String MEMORY_MAX = "memory.max";

    private PodCgroup() {}

    /** Makes the ancestors that are missing, and enables in all of them the controllers that pods need. */
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

    /** Makes the pod's cgroup, its children ready to have controllers of their own. */
    public static Plan create(CgroupPath path) {
        return Plan.of(new Step.CreateCgroup(path), new Step.EnableControllers(path, Controllers.WANTED));
    }

    /**
     * Brings the cgroup to the budget.
     *
     * @param pageSizes sizes of huge pages that the machine has; those that the budget does not name get no pages
     */
    public static Plan values(CgroupPath path, PodBudget budget, List<HugePageSize> pageSizes) {
        PodCgroupValues values = budget.cgroup();
        List<Step> steps = new ArrayList<>();
        steps.add(new Step.WriteFile(path, CPU_WEIGHT, weight(values)));
        steps.add(new Step.WriteFile(path, CPU_MAX, cpuMax(values)));
        steps.add(new Step.WriteFile(path, MEMORY_MAX, memoryMax(values)));
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

    public static String weight(PodCgroupValues values) {
        return Long.toString(CpuUnits.weightOf(values.cpuShares()));
    }

    public static String cpuMax(PodCgroupValues values) {
        return cpuMax(values.cpuQuotaMicros(), values.cpuPeriodMicros());
    }

    public static String cpuMax(long quotaMicros, long periodMicros) {
        long period = periodMicros > 0 ? periodMicros : CpuMax.DEFAULT_PERIOD_MICROS;
        return quotaMicros > 0
                ? new CpuMax(Math.max(CpuMax.MIN_MICROS, quotaMicros), period).toString()
                : new CpuMax(CpuMax.NO_QUOTA, period).toString();
    }

    public static String memoryMax(PodCgroupValues values) {
        return memoryMax(values.memoryMaxBytes());
    }

    public static String memoryMax(long bytes) {
        return (bytes > 0 ? new ByteLimit(bytes) : ByteLimit.UNLIMITED).toString();
    }
}
