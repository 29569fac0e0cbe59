package io.podslice.node.sync;

import io.podslice.cgroups.ByteLimit;
import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupFile;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuMax;
import io.podslice.cgroups.Errno;
import io.podslice.managers.pod.Cfs;
import io.podslice.managers.pod.CpuUnits;
import io.podslice.managers.pod.EffectiveResources;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.managers.pod.PodCgroupValues;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.resize.AllocatedSpec;
import io.podslice.node.RuntimeContents;
import io.podslice.node.pods.PodAsk;
import io.podslice.node.pods.PodIntake;
import io.podslice.node.state.PodBudget;
import java.util.List;

/**
 * Brings what an annotation says of a running pod to what the pod runs with: resizes make an annotation stale, and
 * adoption takes nothing from a pod that runs. A container's values are those that the runtime has stored, the pod's
 * those of its cgroup; the annotation counts where neither has any.
 */
final class RunningValues {
    private final CgroupFiles files;
    private final Cfs cfs;

    RunningValues(CgroupFiles files, Cfs cfs) {
        this.files = files;
        this.cfs = cfs;
    }

    /**
     * Returns the request with the values that the pod runs with.
     *
     * @param live the pod's containers that are created or run
     * @throws CgroupException if the pod's cgroup cannot be read
     */
    PodAsk of(PodAsk ask, List<RuntimeContents.Container> live) {
        if (ask.spec().containers().isEmpty()) {
            return ask.spec().hasPodLevelResources() ? undescribed(ask) : ask;
        }
        ResourceList overhead = ask.budget().overhead();
        LinuxResources has = pod(ask.cgroup(), overhead);
        // The pod's limits first: a container without its own was given those.
        PodSpec spec = AllocatedSpec.withAccounted(ask.spec(), has);
        for (RuntimeContents.Container container : live) {
            spec = AllocatedSpec.withContainer(spec, container.name(), container.resources());
        }
        spec = withPodCpus(spec, has);
        PodCgroupValues values = PodCgroupValues.of(spec, overhead, cfs);
        if (values.memoryMaxBytes() > 0) {
            values = withMemory(values, memory(ask.cgroup(), values.memoryMaxBytes(), has, overhead));
        }
        PodBudget budget = new PodBudget(
                values, ask.budget().knowsHugepages(), spec.resources().limits(), overhead);
        return ask.with(spec, budget);
    }

    /**
     * Returns the request of a Guaranteed pod that nothing describes with the totals of its cgroup. Those that its sandbox
     * was made with are from before its resizes.
     */
    private PodAsk undescribed(PodAsk ask) {
        PodBudget budget = ask.budget();
        LinuxResources has = pod(ask.cgroup(), budget.overhead());
        PodCgroupValues values = budget.cgroup();
        ResourceList limits = ResourceList.EMPTY;
        long milli = CpuUnits.milliOfQuota(has.cpuQuotaMicros(), has.cpuPeriodMicros());
        if (milli > 0 && milli != ask.spec().resources().limits().cpuMillis()) {
            limits = limits.with(ResourceName.CPU, Quantity.ofMillis(milli));
            has = has.withCpuShares(CpuUnits.sharesOf(milli));
            PodCgroupValues said = PodIntake.withOverhead(has, budget.overhead(), cfs.periodMicros());
            values = new PodCgroupValues(
                    said.cpuShares(),
                    said.cpuQuotaMicros(),
                    said.cpuPeriodMicros(),
                    values.memoryMaxBytes(),
                    values.hugetlbMaxBytes());
        }
        if (has.memoryLimitBytes() > 0) {
            limits = limits.with(ResourceName.MEMORY, Quantity.ofBytes(has.memoryLimitBytes()));
            values = withMemory(
                    values, has.memoryLimitBytes() + budget.overhead().memoryBytes());
        }
        PodSpec spec = AllocatedSpec.withPodLimits(ask.spec(), limits, ask.spec());
        return ask.with(spec, budget.withCgroup(values, spec.resources().limits(), budget.overhead()));
    }

    /** Returns the memory limit that takes nothing from the pod: no lower than the present one, none below its usage. */
    private long memory(CgroupPath path, long claimed, LinuxResources has, ResourceList overhead) {
        if (has.memoryLimitBytes() > 0) {
            return Math.max(claimed, has.memoryLimitBytes() + overhead.memoryBytes());
        }
        ByteLimit used = ByteLimit.parse(read(path, CgroupFile.MEMORY_CURRENT));
        return used.isLimited() && used.bytes() >= claimed ? 0 : claimed;
    }

    private static PodCgroupValues withMemory(PodCgroupValues values, long bytes) {
        return new PodCgroupValues(
                values.cpuShares(), values.cpuQuotaMicros(), values.cpuPeriodMicros(), bytes, values.hugetlbMaxBytes());
    }

    /**
     * Returns the spec with a pod budget that holds its containers. The quota of a pod all of whose containers have
     * exclusive CPUs is lifted, and then its cgroup says nothing of its CPUs.
     */
    private static PodSpec withPodCpus(PodSpec spec, LinuxResources has) {
        long asked = EffectiveResources.aggregateRequests(spec).cpuMillis();
        long limit = spec.resources().limits().cpuMillis();
        boolean isRequest = limit == spec.resources().requests().cpuMillis();
        if (has.cpuQuotaMicros() > 0 || limit == 0 || !isRequest || asked <= limit) {
            return spec;
        }
        return AllocatedSpec.withPodLimits(
                spec,
                ResourceList.EMPTY.with(
                        ResourceName.CPU,
                        EffectiveResources.aggregateRequests(spec).get(ResourceName.CPU)),
                spec);
    }

    /** Reads the limits of a pod's cgroup, without its overhead; zero where it has none. */
    private LinuxResources pod(CgroupPath path, ResourceList overhead) {
        CpuMax cpu = CpuMax.parse(read(path, CgroupFile.CPU_MAX));
        ByteLimit memory = ByteLimit.parse(read(path, CgroupFile.MEMORY_MAX));
        LinuxResources has = LinuxResources.NONE;
        if (cpu.isLimited()) {
            long ofOverhead = overhead.cpuMillis() * cpu.periodMicros() / 1000;
            has = has.withCpuQuota(Math.max(1, cpu.quotaMicros() - ofOverhead), cpu.periodMicros());
        }
        return memory.isLimited() ? has.withMemoryLimit(Math.max(0, memory.bytes() - overhead.memoryBytes())) : has;
    }

    private String read(CgroupPath path, String file) {
        try {
            return files.read(path, file).strip();
        } catch (CgroupException e) {
            if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENODEV) {
                return "max";
            }
            throw e;
        }
    }
}
