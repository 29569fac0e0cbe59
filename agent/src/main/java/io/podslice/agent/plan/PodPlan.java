package io.podslice.agent.plan;

import io.podslice.agent.manifest.Pod;
import io.podslice.cgroups.CpuSet;
import io.podslice.managers.pod.QosClass;
import io.podslice.managers.topology.AdmissionOrder;
import io.podslice.managers.topology.HintExplanation;
import io.podslice.managers.topology.Rejection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The outcome of one pod.
 *
 * @param rejection why it is refused; empty if it is admitted, and all below hints is empty if it is not
 * @param eligibility by container, why it gets exclusive CPUs or not
 * @param hints what the topology manager considered, in order: for the pod, or for each container
 * @param cpus all CPUs that are the pod's and no other's
 * @param mems the NUMA nodes that its memory is accounted on; empty where it is on none
 * @param numaNodes the NUMA nodes of its CPUs and memory
 * @param sharedPool the pod shared pool; empty for a pod without a set of its own
 * @param cgroup the path of its cgroup, and what its files say, by file
 * @param parent path and files of its class's cgroup; empty where that is the kubepods cgroup
 */
public record PodPlan(
        Pod pod,
        QosClass qos,
        Optional<Rejection> rejection,
        Map<String, String> eligibility,
        List<HintExplanation> hints,
        CpuSet cpus,
        CpuSet mems,
        CpuSet numaNodes,
        CpuSet sharedPool,
        List<ContainerPlan> containers,
        Map<String, String> cgroup,
        Map<String, String> parent) {

    public PodPlan {
        eligibility = Collections.unmodifiableMap(new LinkedHashMap<>(eligibility));
        hints = List.copyOf(hints);
        containers = List.copyOf(containers);
        cgroup = Collections.unmodifiableMap(new LinkedHashMap<>(cgroup));
        parent = Collections.unmodifiableMap(new LinkedHashMap<>(parent));
    }

    public boolean admitted() {
        return rejection.isEmpty();
    }

    /** The name of the container that a hint is for; empty for the pod as a whole. */
    public Optional<String> containerOf(HintExplanation hint) {
        return hint.container().isEmpty()
                ? Optional.empty()
                : Optional.of(AdmissionOrder.of(pod.spec())
                        .containers()
                        .get(hint.container().getAsInt())
                        .name());
    }
}
