package io.podslice.managers.memory;

import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.QosClass;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.pod.ResourceRequirements;
import io.podslice.managers.topology.Rejection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The memory that a pod and its containers ask of the memory manager.
 *
 * @param spec the pod, containers in admission order
 * @param ofPod the amounts of the pod as a whole
 * @param own the amounts of each container; empty where it shares or has no memory of its own accounted
 */
record MemoryDemand(PodSpec spec, MemoryAmounts ofPod, List<MemoryAmounts> own) {

    /**
     * Returns the demand of a pod; empty unless it is Guaranteed. With pod-level resources the pod's demand is those,
     * and a container has its own part if it is itself guaranteed for CPU and memory.
     *
     * @param podLevel true if pods with pod-level resources are allocated memory
     */
    static MemoryDemand of(PodSpec spec, boolean podLevel) {
        boolean served = QosClass.of(spec) == QosClass.GUARANTEED && (podLevel || !spec.hasPodLevelResources());
        List<MemoryAmounts> own = new ArrayList<>();
        for (ContainerSpec container : spec.containers()) {
            ResourceRequirements resources = container.resources();
            boolean has = served && (!spec.hasPodLevelResources() || isGuaranteed(resources));
            own.add(has ? MemoryAmounts.of(resources.requests()) : MemoryAmounts.NONE);
        }
        MemoryAmounts ofPod = !served
                ? MemoryAmounts.NONE
                : spec.hasPodLevelResources()
                        ? MemoryAmounts.of(spec.resources().requests())
                        : MemoryAmounts.together(spec, own);
        return new MemoryDemand(spec, ofPod, own);
    }

    private static boolean isGuaranteed(ResourceRequirements resources) {
        for (ResourceName name : List.of(ResourceName.CPU, ResourceName.MEMORY)) {
            Quantity limit = resources.limits().get(name);
            if (limit.signum() <= 0 || !limit.equals(resources.requests().get(name))) {
                return false;
            }
        }
        return true;
    }

    /** Tells if a container shares the pod's memory that the other containers leave. */
    boolean shares(int container) {
        return own.get(container).isEmpty();
    }

    /**
     * Rejects a pod whose shared containers would find no memory left, by the requests alone (KEP-5526). Applies to
     * pods with pod-level resources.
     */
    Optional<Rejection> leavesNothing() {
        for (ResourceName type : ofPod.bytes().keySet()) {
            long total = ofPod.get(type);
            long sidecars = 0;
            long exclusive = 0;
            boolean shared = false;
            for (int i = 0; i < own.size(); i++) {
                ContainerKind kind = spec.containers().get(i).kind();
                if (kind == ContainerKind.INIT) {
                    if (shares(i) && sidecars >= total) {
                        return Optional.of(empty(
                                "pod rejected, pod has shared init containers but no " + type + " available for them",
                                type,
                                sidecars));
                    }
                    continue;
                }
                shared |= shares(i);
                exclusive += own.get(i).get(type);
                sidecars += kind == ContainerKind.SIDECAR ? own.get(i).get(type) : 0;
            }
            if (shared && exclusive >= total) {
                return Optional.of(empty(
                        "pod rejected, sum of exclusive container " + type
                                + " requests equals pod budget, leaving no memory for shared containers",
                        type,
                        exclusive));
            }
        }
        return Optional.empty();
    }

    private Rejection empty(String message, ResourceName type, long exclusive) {
        return new Rejection(
                Rejection.Manager.MEMORY,
                Rejection.EMPTY_POD_SHARED_POOL,
                message,
                "the pod asks for " + Quantity.ofBytes(ofPod.get(type)) + " of " + type
                        + ", its guaranteed containers for " + Quantity.ofBytes(exclusive)
                        + "; more for the pod, or less for them, would fit",
                "asked " + type + " " + Quantity.ofBytes(ofPod.get(type)) + ", none free beside "
                        + Quantity.ofBytes(exclusive) + " of guaranteed containers, more would fit");
    }

    /** Returns the bytes of a type that the guaranteed sidecars before a container have. */
    long sidecars(ResourceName type, int before) {
        long sum = 0;
        for (int i = 0; i < before; i++) {
            if (spec.containers().get(i).kind() == ContainerKind.SIDECAR) {
                sum += own.get(i).get(type);
            }
        }
        return sum;
    }

    /** Returns the bytes of a type that the guaranteed app containers have. */
    long apps(ResourceName type) {
        long sum = 0;
        for (int i = 0; i < own.size(); i++) {
            if (spec.containers().get(i).kind() == ContainerKind.APP) {
                sum += own.get(i).get(type);
            }
        }
        return sum;
    }
}
