package io.podslice.node;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.HugePageSize;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.placement.ContainerCpus;
import io.podslice.managers.placement.ContainerDemand;
import io.podslice.managers.placement.NodeSharedPool;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.node.state.ContainerState;
import io.podslice.node.state.NodeState;
import io.podslice.node.state.PodState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Makes views of the state. Pure. */
final class NodeViews {
    private NodeViews() {}

    static NodeView of(Machine machine, NodeConfig config, NodeState state) {
        CpuSet pool =
                NodeSharedPool.of(machine, config.policy(), state.placements()).cpus();
        List<NodeView.PodView> pods = new ArrayList<>();
        for (PodState pod : state.pods()) {
            pods.add(pod(machine, pod, pool));
        }
        pods.sort(Comparator.comparing(NodeView.PodView::namespace).thenComparing(NodeView.PodView::name));
        return new NodeView(machine.cpuSet(), config.policy().reservedSystemCpus(), pool, pods);
    }

    private static NodeView.PodView pod(Machine machine, PodState pod, CpuSet nodePool) {
        SortedMap<String, String> values = new TreeMap<>();
        values.put(PodCgroup.CPU_MAX, PodCgroup.cpuMax(pod.budget().cgroup()));
        values.put(PodCgroup.CPU_WEIGHT, PodCgroup.weight(pod.budget().cgroup()));
        values.put(PodCgroup.MEMORY_MAX, PodCgroup.memoryMax(pod.budget().cgroup()));
        pod.budget()
                .cgroup()
                .hugetlbMaxBytes()
                .forEach((size, bytes) -> values.put(new HugePageSize(size).limitFile(), Long.toString(bytes)));
        List<NodeView.ContainerView> containers = new ArrayList<>();
        for (ContainerDemand container : pod.placement().demand().containers()) {
            containers.add(container(pod, container.name(), container.kind(), nodePool));
        }
        for (ContainerState container : pod.containers()) {
            if (pod.placement().demand().container(container.name()).isEmpty()) {
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
                pod.placement().cpus(),
                pod.placement().sharedPool(pod.runningInits()),
                machine.nodesOf(pod.placement().cpus()),
                values,
                containers);
    }

    private static NodeView.ContainerView container(PodState pod, String name, ContainerKind kind, CpuSet nodePool) {
        String id = "";
        for (ContainerState created : pod.containers()) {
            if (created.name().equals(name)) {
                id = created.id();
            }
        }
        return switch (pod.placement().of(name, pod.runningInits())) {
            case ContainerCpus.Exclusive(CpuSet cpus) ->
                new NodeView.ContainerView(name, id, kind.text(), "container", cpus);
            case ContainerCpus.PodShared(CpuSet cpus) -> new NodeView.ContainerView(name, id, kind.text(), "pod", cpus);
            case ContainerCpus.NodeShared() -> new NodeView.ContainerView(name, id, kind.text(), "host", nodePool);
        };
    }
}
