package io.podslice.integration.demo;

import io.podslice.agent.map.MappedPod;
import io.podslice.agent.map.NodeMap;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.integration.demo.PodView.ContainerView;
import java.util.List;

/** Maps the demo's pods as their cgroups say, not as podslice does. */
final class DemoMap {
    private DemoMap() {}

    static NodeMap of(Machine machine, List<PodView> pods) {
        CpuSet taken = pods.stream().map(PodView::cpus).reduce(CpuSet.empty(), CpuSet::union);
        return new NodeMap(
                "",
                machine,
                CpuSet.empty(),
                machine.cpuSet().minus(taken),
                pods.stream().map(pod -> pod(machine, pod)).toList(),
                List.of());
    }

    private static MappedPod pod(Machine machine, PodView pod) {
        CpuSet own = pod.containers().stream()
                .filter(ContainerView::wantsOwnCpus)
                .map(ContainerView::cpus)
                .reduce(CpuSet.empty(), CpuSet::union);
        return new MappedPod(
                pod.name(),
                "",
                "",
                "",
                "",
                pod.cpus(),
                pod.cpus().minus(own),
                machine.nodesOf(pod.cpus()),
                List.of(),
                List.of());
    }
}
