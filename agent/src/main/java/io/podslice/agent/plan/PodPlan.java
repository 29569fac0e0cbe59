package io.podslice.agent.plan;

import io.podslice.agent.manifest.Pod;
import io.podslice.cgroups.CgroupDriver;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.managers.pod.QosClass;
import io.podslice.managers.topology.AdmissionOrder;
import io.podslice.managers.topology.HintExplanation;
import io.podslice.node.Refusal;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The plan for one pod.
 *
 * @param refusal the brain's refusal; empty if the pod is admitted. Of a refused pod only eligibility and hints
 *     are of use
 * @param eligibility by container, the reason for which it gets exclusive CPUs or none
 * @param hints the hints that the topology manager merged, in order: for the pod, or for each container
 * @param cpus all CPUs that belong to the pod exclusively
 * @param mems the NUMA nodes of its memory; empty where no container's memory is restricted
 * @param numaNodes the NUMA nodes of its CPUs and memory
 * @param sharedPool the pod shared pool; empty for a pod without a CPU set
 * @param names the path of its cgroup under each cgroup driver
 * @param cgroup the path of its cgroup, and the values of its files, by file
 * @param parent path and values of its class's cgroup; empty where that is the cgroup of all pods
 */
public record PodPlan(
        Pod pod,
        QosClass qos,
        Optional<Refusal> refusal,
        Map<String, String> eligibility,
        List<HintExplanation> hints,
        CpuSet cpus,
        CpuSet mems,
        CpuSet numaNodes,
        CpuSet sharedPool,
        List<ContainerPlan> containers,
        Map<CgroupDriver, CgroupPath> names,
        Map<String, String> cgroup,
        Map<String, String> parent) {

    public PodPlan {
        eligibility = Collections.unmodifiableMap(new LinkedHashMap<>(eligibility));
        hints = List.copyOf(hints);
        containers = List.copyOf(containers);
        names = Collections.unmodifiableMap(new TreeMap<>(names));
        cgroup = Collections.unmodifiableMap(new LinkedHashMap<>(cgroup));
        parent = Collections.unmodifiableMap(new LinkedHashMap<>(parent));
    }

    public boolean admitted() {
        return refusal.isEmpty();
    }

    /** Returns the name of the container that a hint is for; empty for the pod as a whole. */
    public Optional<String> containerOf(HintExplanation hint) {
        return hint.container().isEmpty()
                ? Optional.empty()
                : Optional.of(AdmissionOrder.of(pod.spec())
                        .containers()
                        .get(hint.container().getAsInt())
                        .name());
    }
}
