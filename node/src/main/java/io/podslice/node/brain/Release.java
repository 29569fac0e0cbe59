package io.podslice.node.brain;

import io.podslice.cgroups.CgroupFile;
import io.podslice.cgroups.Plan;
import io.podslice.cgroups.Step;
import io.podslice.managers.pod.Cfs;
import io.podslice.managers.pod.ContainerValues;
import io.podslice.managers.pod.CpuUnits;
import io.podslice.managers.pod.PodCgroupValues;
import io.podslice.managers.pod.PodSpec;
import io.podslice.node.change.PodCgroup;
import io.podslice.node.state.ContainerState;
import io.podslice.node.state.NodeState;
import io.podslice.node.state.PodState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The values of pods' and containers' cgroups that kubelet and runtime would have, but for CPU sets, partitions and memory protection:
 * quotas that podslice has lifted for exclusive CPUs, and the memory nodes to which it has restricted containers. Pure.
 */
final class Release {
    private static final long MILLIS_A_CPU = 1000;

    private Release() {}

    /**
     * Returns the writes: a pod's quota before those of its containers, which may not be above it.
     *
     * @param cfs the kubelet's CFS settings
     */
    static Plan values(NodeState state, Cfs cfs) {
        List<Step> steps = new ArrayList<>();
        for (PodState pod : state.pods()) {
            if (pod.hasCpus()) {
                ofPod(pod, cfs).ifPresent(steps::add);
                steps.addAll(ofContainers(pod, cfs));
            }
            steps.addAll(memoryNodes(pod));
        }
        return new Plan(steps);
    }

    private static List<Step> memoryNodes(PodState pod) {
        List<Step> steps = new ArrayList<>();
        for (ContainerState container : pod.containers()) {
            if (!container.id().isEmpty()
                    && !pod.placement().mems(container.name()).isEmpty()) {
                steps.add(new Step.WriteFile(pod.cgroupOf(container.id()), CgroupFile.CPUSET_MEMS, "", true));
            }
        }
        return steps;
    }

    private static Optional<Step> ofPod(PodState pod, Cfs cfs) {
        return pod.spec()
                .map(spec -> PodCgroupValues.of(spec, pod.budget().overhead(), cfs))
                .filter(values -> values.cpuQuotaMicros() > 0)
                .map(values -> new Step.WriteFile(pod.cgroup(), CgroupFile.CPU_MAX, PodCgroup.cpuMax(values), true));
    }

    private static List<Step> ofContainers(PodState pod, Cfs cfs) {
        List<Step> steps = new ArrayList<>();
        for (ContainerState container : pod.containers()) {
            if (!container.id().isEmpty()
                    && pod.cpusOf(container.name()).isolation().liftsQuota()) {
                steps.add(new Step.WriteFile(
                        pod.cgroupOf(container.id()),
                        CgroupFile.CPU_MAX,
                        PodCgroup.cpuMax(quotaMicros(pod, container, cfs), cfs.periodMicros()),
                        true));
            }
        }
        return steps;
    }

    /** Returns a container's quota by its spec; of one that no spec names by its CPUs, of which its limit is the number. */
    private static long quotaMicros(PodState pod, ContainerState container, Cfs cfs) {
        Optional<PodSpec> spec = pod.spec();
        return spec.flatMap(known -> known.container(container.name())
                        .map(one -> ContainerValues.of(known, one, cfs).cpuQuotaMicros()))
                .orElseGet(() -> CpuUnits.quotaOf(
                        pod.cpusOf(container.name()).cpus().size() * MILLIS_A_CPU, cfs.periodMicros()));
    }
}
