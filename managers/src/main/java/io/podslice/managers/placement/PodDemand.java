package io.podslice.managers.placement;

import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.EffectiveResources;
import io.podslice.managers.pod.ExclusiveCpus;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.QosClass;
import io.podslice.managers.pod.ResourceList;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a pod asks of the CPU and memory managers.
 *
 * @param cpus CPUs for the pod as a whole; 0 if it has no set of its own beyond its containers' slices
 * @param memoryBytes memory to account on NUMA nodes; 0 if the pod is not Guaranteed
 * @param containers in the spec's order
 */
public record PodDemand(int cpus, long memoryBytes, List<ContainerDemand> containers) {
    public PodDemand {
        containers = List.copyOf(containers);
    }

    /**
     * What a pod spec comes to under the node's policy.
     *
     * @param exclusive the knobs of the pod's annotations, by container name
     */
    public static PodDemand of(PodSpec pod, Map<String, Boolean> exclusive, PlacementPolicy policy) {
        boolean pinned = policy.cpuManagerPolicy() == CpuManagerPolicy.STATIC;
        boolean ofPod = pinned && policy.topologyManagerScope() == TopologyManagerScope.POD;
        int cpus = ofPod ? ExclusiveCpus.ofPod(pod) : 0;
        // KEP-5526: a pod with resources of its own but no set of its own shares, unless its owner says otherwise.
        boolean byKnobOnly = ofPod && cpus == 0 && pod.hasPodLevelResources();
        List<ContainerDemand> containers = new ArrayList<>(pod.containers().size());
        for (ContainerSpec container : pod.containers()) {
            Boolean knob = exclusive.get(container.name());
            int own = pinned && !(byKnobOnly && knob == null) ? ExclusiveCpus.of(pod, container, knob) : 0;
            containers.add(new ContainerDemand(container.name(), container.kind(), own));
        }
        boolean guaranteed = QosClass.of(pod) == QosClass.GUARANTEED;
        long memory = guaranteed
                ? EffectiveResources.of(pod, ResourceList.EMPTY).requests().memoryBytes()
                : 0;
        return new PodDemand(cpus, memory, containers);
    }

    public Optional<ContainerDemand> container(String name) {
        for (ContainerDemand container : containers) {
            if (container.name().equals(name)) {
                return Optional.of(container);
            }
        }
        return Optional.empty();
    }

    /** Whether the pod or any of its containers asks for CPUs of its own. */
    public boolean wantsCpus() {
        return cpus > 0 || slicedCpus() > 0;
    }

    /**
     * CPUs that the containers' slices need together: an init container uses those of containers that start after it.
     */
    public int slicedCpus() {
        long running = 0;
        long sidecars = 0;
        long starting = 0;
        for (ContainerDemand container : containers) {
            switch (container.kind()) {
                case APP -> running += container.cpus();
                case SIDECAR -> {
                    running += container.cpus();
                    sidecars += container.cpus();
                }
                case INIT -> starting = Math.max(starting, sidecars + container.cpus());
                case EPHEMERAL -> {
                    // Never has CPUs of its own.
                }
            }
        }
        return (int) Math.min(Integer.MAX_VALUE, Math.max(running, starting));
    }

    public PodDemand withCpusAndMemory(int cpus, long memoryBytes) {
        return new PodDemand(cpus, memoryBytes, containers);
    }

    /** With that container added at the end, or in place of the one of its name. */
    public PodDemand with(ContainerDemand container) {
        List<ContainerDemand> result = new ArrayList<>(containers);
        result.removeIf(other -> other.name().equals(container.name()));
        result.add(container);
        return new PodDemand(cpus, memoryBytes, result);
    }

    /** Without the container of that name. */
    public PodDemand without(String name) {
        List<ContainerDemand> result = new ArrayList<>(containers);
        result.removeIf(other -> other.name().equals(name));
        return new PodDemand(cpus, memoryBytes, result);
    }
}
