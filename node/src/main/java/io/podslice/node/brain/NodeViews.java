package io.podslice.node.brain;

import io.podslice.cgroups.CgroupFile;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.HugePageSize;
import io.podslice.managers.cpu.Isolation;
import io.podslice.managers.placement.ContainerCpus;
import io.podslice.managers.placement.ContainerPlacement;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.node.NodeAllocations;
import io.podslice.node.NodeConfig;
import io.podslice.node.NodeMetrics;
import io.podslice.node.NodeProtection;
import io.podslice.node.NodeView;
import io.podslice.node.PodOrigin;
import io.podslice.node.PodPhase;
import io.podslice.node.ResizeCondition;
import io.podslice.node.change.PodCgroup;
import io.podslice.node.cpuset.Partitioning;
import io.podslice.node.cpuset.PresentMachine;
import io.podslice.node.pods.PodNotes;
import io.podslice.node.state.ContainerState;
import io.podslice.node.state.NodeState;
import io.podslice.node.state.PendingResize;
import io.podslice.node.state.PodResources;
import io.podslice.node.state.PodState;
import io.podslice.node.state.ResizeInProgress;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Makes views of the state. */
final class NodeViews {
    private NodeViews() {}

    static NodeView of(
            PresentMachine machine,
            NodeConfig config,
            NodeState state,
            NodeProtection protection,
            PodNotes notes,
            Partitioning partitioning) {
        CpuSet pool = machine.placer().nodeSharedPool(state.placements());
        List<NodeView.PodView> pods = new ArrayList<>();
        for (PodState pod : state.pods()) {
            pods.add(pod(machine, pod, pool, withReasons(notes.originOf(pod), partitioning.reasons(pod))));
        }
        pods.sort(Comparator.comparing(NodeView.PodView::namespace).thenComparing(NodeView.PodView::name));
        return new NodeView(machine.cpus(), config.policy().reservedSystemCpus(), pool, protection, pods);
    }

    static NodeAllocations allocations(PresentMachine machine, NodeConfig config, NodeState state) {
        List<NodeAllocations.PodAllocation> pods = new ArrayList<>();
        for (PodState pod : state.pods()) {
            pods.add(new NodeAllocations.PodAllocation(
                    pod.namespace(), pod.name(), pod.phase() == PodPhase.STOPPED, pod.placement()));
        }
        return new NodeAllocations(pods, machine.placer().supply(state.placements()), config.policy());
    }

    /** Adds a remark for each container or pod whose CPUs are kept by cpuset.cpus, though partitions are desired. */
    private static PodOrigin withReasons(PodOrigin origin, SortedMap<CgroupPath, String> reasons) {
        if (reasons.isEmpty()) {
            return origin;
        }
        List<String> remarks = new ArrayList<>(origin.remarks());
        reasons.forEach((path, reason) -> remarks.add("isolation by cpuset, not by partition: " + reason));
        return new PodOrigin(origin.source(), origin.priority(), remarks, origin.devices());
    }

    /**
     * The number of containers by how they have their CPUs, as KEP-5526 names it: {@code node_exclusive}, {@code
     * pod_exclusive} or {@code pod_shared}. Containers in the node shared pool are not among them.
     */
    static SortedMap<String, Integer> assignments(NodeState state) {
        SortedMap<String, Integer> assignments = new TreeMap<>();
        for (PodState pod : state.pods()) {
            for (ContainerPlacement container : pod.placement().containers()) {
                boolean ofPod = !pod.placement().ofPod().isEmpty();
                switch (pod.cpusOf(container.name()).isolation()) {
                    case CONTAINER ->
                        assignments.merge(
                                ofPod ? NodeMetrics.POD_EXCLUSIVE : NodeMetrics.NODE_EXCLUSIVE, 1, Integer::sum);
                    case POD -> assignments.merge(NodeMetrics.POD_SHARED, 1, Integer::sum);
                    case HOST -> {}
                }
            }
        }
        return assignments;
    }

    private static NodeView.PodView pod(PresentMachine machine, PodState pod, CpuSet nodePool, PodOrigin origin) {
        SortedMap<String, String> values = new TreeMap<>();
        values.put(CgroupFile.CPU_MAX, PodCgroup.cpuMax(pod.budget().cgroup()));
        values.put(CgroupFile.CPU_WEIGHT, PodCgroup.weight(pod.budget().cgroup()));
        values.put(CgroupFile.MEMORY_MAX, PodCgroup.memoryMax(pod.budget().cgroup()));
        pod.budget()
                .cgroup()
                .hugetlbMaxBytes()
                .forEach((size, bytes) -> values.put(new HugePageSize(size).limitFile(), Long.toString(bytes)));
        List<NodeView.ContainerView> containers = new ArrayList<>();
        for (ContainerPlacement container : pod.placement().containers()) {
            containers.add(container(pod, container.name(), container.kind(), nodePool));
        }
        for (ContainerState container : pod.containers()) {
            if (pod.placement().container(container.name()).isEmpty()) {
                containers.add(container(pod, container.name(), container.kind(), nodePool));
            }
        }
        return new NodeView.PodView(
                pod.uid(),
                pod.namespace(),
                pod.name(),
                pod.cgroup(),
                pod.sandboxId(),
                pod.phase().name(),
                pod.inferred(),
                origin,
                PodResources.desired(pod),
                PodResources.allocated(pod),
                pod.budget().overhead(),
                pod.placement().cpus(),
                pod.placement().cpus().minus(machine.cpus()),
                pod.sharedPool(),
                machine.nodesOf(pod.placement().cpus()),
                pod.placement().memoryNodes(),
                values,
                containers,
                conditions(pod));
    }

    private static List<ResizeCondition> conditions(PodState pod) {
        return Stream.concat(
                        pod.pending().map(PendingResize::condition).stream(),
                        pod.inProgress().map(ResizeInProgress::condition).stream())
                .toList();
    }

    private static NodeView.ContainerView container(PodState pod, String name, ContainerKind kind, CpuSet nodePool) {
        String id = "";
        for (ContainerState known : pod.containers()) {
            if (known.name().equals(name)) {
                id = known.id();
            }
        }
        ContainerCpus cpus = pod.cpusOf(name);
        Isolation isolation = cpus.isolation();
        return new NodeView.ContainerView(
                name,
                id,
                kind.text(),
                isolation.text(),
                isolation == Isolation.HOST ? nodePool : cpus.cpus(),
                PodResources.desired(pod, name),
                PodResources.allocated(pod, name));
    }
}
