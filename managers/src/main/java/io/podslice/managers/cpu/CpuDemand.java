package io.podslice.managers.cpu;

import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.ExclusiveCpus;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.topology.Rejection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The CPUs that a pod and its containers ask of the CPU manager.
 *
 * @param spec the pod, containers in admission order
 * @param ofPod CPUs for the pod as a whole; 0 where only its containers get CPUs
 * @param own CPUs that each container gets exclusively; 0 where it shares
 */
record CpuDemand(PodSpec spec, int ofPod, List<Integer> own) {

    /** The treatment of pods with pod-level resources. */
    enum PodLevel {
        /** No exclusive CPUs, except for containers whose owner asks for them. */
        NOT,
        /** Allocated container by container: scope container, or no topology manager. */
        BY_CONTAINER,
        /** Allocated as a whole, with slices cut from the pod's set. */
        AS_ONE
    }

    /** @param exclusive the pod owner's choices by container name, which override the rules */
    static CpuDemand of(PodSpec spec, Map<String, Boolean> exclusive, PodLevel podLevel) {
        boolean level = spec.hasPodLevelResources();
        int ofPod = level && podLevel == PodLevel.AS_ONE ? ExclusiveCpus.ofPod(spec) : 0;
        // A pod whose budget is no whole number of CPUs has no set; its containers with whole CPUs have theirs all the
        // same (kubelet 1.37).
        boolean byOwnerOnly = level && podLevel == PodLevel.NOT;
        List<Integer> own = new ArrayList<>();
        for (ContainerSpec container : spec.containers()) {
            Boolean owner = exclusive.get(container.name());
            own.add(byOwnerOnly && owner == null ? 0 : ExclusiveCpus.of(spec, container, owner));
        }
        return new CpuDemand(spec, ofPod, own);
    }

    boolean shares(int container) {
        return own.get(container) == 0;
    }

    ContainerKind kind(int container) {
        return spec.containers().get(container).kind();
    }

    /**
     * Returns the number of CPUs that the containers need together: an init container uses those of containers that
     * start after it.
     */
    int together() {
        long running = 0;
        long sidecars = 0;
        long starting = 0;
        for (int i = 0; i < own.size(); i++) {
            if (kind(i) == ContainerKind.INIT) {
                starting = Math.max(starting, sidecars + own.get(i));
            } else {
                running += own.get(i);
                sidecars += kind(i) == ContainerKind.SIDECAR ? own.get(i) : 0;
            }
        }
        return (int) Math.min(Integer.MAX_VALUE, Math.max(running, starting));
    }

    /** Tells if neither the pod nor any container asks for exclusive CPUs. */
    boolean isNothing() {
        return ofPod == 0 && together() == 0;
    }

    /** Rejects a pod whose shared containers would find no CPU left, by the requests alone (KEP-5526). */
    Optional<Rejection> leavesNothing() {
        int sidecars = 0;
        long running = 0;
        boolean shared = false;
        for (int i = 0; i < own.size(); i++) {
            if (kind(i) == ContainerKind.INIT) {
                if (shares(i) && sidecars >= ofPod) {
                    return Optional.of(empty(
                            "pod rejected, pod has shared init containers but no cpus available for them",
                            spec.containers().get(i).name() + " starts after sidecars with " + sidecars
                                    + " exclusive CPUs",
                            sidecars));
                }
                continue;
            }
            running += own.get(i);
            sidecars += kind(i) == ContainerKind.SIDECAR ? own.get(i) : 0;
            shared |= shares(i);
        }
        if (shared && running >= ofPod) {
            return Optional.of(empty(
                    "pod rejected, sum of exclusive container cpu requests equals pod budget, leaving no cpus for"
                            + " shared containers",
                    "exclusive containers ask for " + running + " CPUs",
                    running));
        }
        return Optional.empty();
    }

    private Rejection empty(String message, String why, long exclusive) {
        return new Rejection(
                Rejection.Manager.CPU,
                Rejection.EMPTY_POD_SHARED_POOL,
                message,
                "the pod asks for " + ofPod + " CPUs; " + why
                        + "; one CPU more for the pod, or one less for them, would" + " fit",
                "asked " + ofPod + " CPUs, none free beside " + exclusive + " exclusive ones, " + (exclusive + 1)
                        + " would fit");
    }
}
