package io.podslice.agent.plan;

import io.podslice.agent.config.Configuration;
import io.podslice.agent.manifest.Pod;
import io.podslice.cgroups.ByteLimit;
import io.podslice.cgroups.CpuMax;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.HugePageSize;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.placement.NodePlacements;
import io.podslice.managers.placement.PlacementPolicy;
import io.podslice.managers.placement.PodPlacement;
import io.podslice.managers.placement.PodValues;
import io.podslice.managers.pod.Cfs;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.CpuUnits;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.managers.pod.MemoryProtection;
import io.podslice.managers.pod.MemoryQos;
import io.podslice.managers.pod.OomScoreAdj;
import io.podslice.managers.pod.PodCgroupValues;
import io.podslice.managers.pod.QosClass;
import io.podslice.managers.topology.HintExplanation;
import io.podslice.managers.topology.Rejection;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** Puts together what a pod comes to once all pods are in. Pure. */
final class PodPlanner {
    private static final String CPUSET = "cpuset.cpus";

    private final Machine machine;
    private final PlacementPolicy policy;
    private final NodePlacements all;
    private final CpuSet nodeSharedPool;
    private final Cfs cfs;
    private final MemoryQos memory;
    private final ClassCgroups classes;

    /**
     * @param admitted the pods that are in, in the end
     * @param all what they have
     * @param pageBytes size of the machine's memory pages
     */
    PodPlanner(
            Machine machine,
            Configuration configuration,
            List<Pod> admitted,
            NodePlacements all,
            CpuSet nodeSharedPool,
            long pageBytes) {
        this.machine = machine;
        this.policy = configuration.policy();
        this.all = all;
        this.nodeSharedPool = nodeSharedPool;
        this.cfs = new Cfs(
                true,
                TimeUnit.NANOSECONDS.toMicros(configuration.cpuCfsQuotaPeriod().toNanos()));
        this.memory = configuration.memoryQos(machine, pageBytes);
        this.classes = ClassCgroups.of(configuration.cgroups().kubepods(), admitted, all, nodeSharedPool, memory);
    }

    PodPlan plan(Pod pod, List<HintExplanation> hints, Optional<Rejection> rejection) {
        QosClass qos = QosClass.of(pod.spec());
        Map<String, String> eligibility = Eligibility.of(pod, policy);
        if (rejection.isPresent()) {
            CpuSet none = CpuSet.empty();
            return new PodPlan(
                    pod, qos, rejection, eligibility, hints, none, none, none, none, List.of(), Map.of(), Map.of());
        }
        PodPlacement placement = all.pods().getOrDefault(pod.uid(), PodPlacement.none(pod.spec()));
        PodValues values = PodValues.of(pod.spec(), placement, nodeSharedPool, pod.overhead(), cfs);
        List<ContainerPlan> containers = new ArrayList<>();
        for (PodValues.Container container : values.containers()) {
            containers.add(container(pod, container));
        }
        return new PodPlan(
                pod,
                qos,
                rejection,
                eligibility,
                hints,
                placement.cpus(),
                placement.memoryNodes(),
                machine.nodesOf(placement.cpus()).union(placement.memoryNodes()),
                placement.sharedPool(),
                containers,
                cgroup(pod, qos, placement, values.cgroup()),
                classes.files(qos));
    }

    /** The root of all pods: its path, then its files. */
    Map<String, String> kubepods() {
        return classes.root();
    }

    private ContainerPlan container(Pod pod, PodValues.Container container) {
        LinuxResources values = container.resources();
        Map<String, String> files = new LinkedHashMap<>();
        files.put(CPUSET, container.cpus().toString());
        files.put("cpuset.mems", container.mems().toString());
        files.put("cpu.max", cpuMax(values.cpuQuotaMicros()));
        if (values.cpuShares() > 0) {
            files.put("cpu.weight", Long.toString(CpuUnits.runtimeWeightOf(values.cpuShares())));
        }
        files.put("memory.max", bytes(values.memoryLimitBytes()));
        values.hugepageLimits()
                .forEach((size, limit) -> files.put(HugePageSize.parse(size).limitFile(), limit.toString()));
        ContainerSpec spec = pod.spec().container(container.name()).orElseThrow();
        if (spec.kind() != ContainerKind.EPHEMERAL) {
            putProtection(memory.ofContainer(pod.spec(), spec), files);
        }
        return new ContainerPlan(
                container.name(),
                container.kind(),
                container.isolation(),
                container.cpus(),
                container.mems(),
                values.cpuQuotaMicros(),
                oomScoreAdj(pod, spec),
                files);
    }

    /** By all memory of the machine; a machine file may say nothing of it. */
    private OptionalInt oomScoreAdj(Pod pod, ContainerSpec container) {
        long capacity = 0;
        for (long bytes : machine.memory().values()) {
            capacity += bytes;
        }
        return capacity == 0
                ? OptionalInt.empty()
                : OptionalInt.of(OomScoreAdj.of(pod.spec(), container, pod.isNodeCritical(), capacity));
    }

    /** A guard of nothing is what there is anyway. */
    private static void putProtection(MemoryProtection values, Map<String, String> files) {
        values.files().forEach((file, bytes) -> {
            if (bytes > 0) {
                files.put(file, Long.toString(bytes));
            }
        });
    }

    /** Its path, then its files. */
    private Map<String, String> cgroup(Pod pod, QosClass qos, PodPlacement placement, PodCgroupValues values) {
        Map<String, String> cgroup = new LinkedHashMap<>();
        cgroup.put("path", classes.path(qos).child("pod" + pod.uid()).toString());
        if (!placement.hasCpus() && classes.leavesPoolToPods(qos)) {
            cgroup.put(CPUSET, nodeSharedPool.toString());
        }
        cgroup.put("cpu.max", cpuMax(values.cpuQuotaMicros()));
        cgroup.put("cpu.weight", Long.toString(CpuUnits.weightOf(values.cpuShares())));
        cgroup.put("memory.max", bytes(values.memoryMaxBytes()));
        putProtection(memory.ofPod(pod.spec(), pod.overhead()), cgroup);
        SortedMap<Long, Long> pages = new TreeMap<>(values.hugetlbMaxBytes());
        machine.hugePageSizes().forEach(size -> pages.putIfAbsent(size.bytes(), 0L));
        pages.forEach((size, limit) -> cgroup.put(new HugePageSize(size).limitFile(), limit.toString()));
        return cgroup;
    }

    private String cpuMax(long quota) {
        return new CpuMax(quota > 0 ? Math.max(CpuMax.MIN_MICROS, quota) : CpuMax.NO_QUOTA, cfs.periodMicros())
                .toString();
    }

    private static String bytes(long limit) {
        return (limit > 0 ? new ByteLimit(limit) : ByteLimit.UNLIMITED).toString();
    }
}
