package io.podslice.managers.pod;

/**
 * The order in which containers are killed when the node runs out of memory: the kubelet's GetContainerOOMScoreAdjust.
 */
public final class OomScoreAdj {
    /** The value of a Guaranteed pod, and of a pod of priority class system-node-critical. */
    private static final int GUARANTEED = -997;

    private static final int BEST_EFFORT = 1000;
    /** The least value of a Burstable pod: one that asks for all memory is still killed before a Guaranteed one. */
    private static final int LEAST_BURSTABLE = 1000 + GUARANTEED;

    private static final int MOST_BURSTABLE = BEST_EFFORT - 1;

    private OomScoreAdj() {}

    /**
     * Returns the value of a container, -997 to 1000. A Burstable pod's container is the safer the more of the node's
     * memory it asks for; the part of the pod's request beyond its containers' is divided evenly among them. A sidecar
     * is killed no earlier than the smallest app container.
     *
     * @param pod with its defaults
     * @param nodeCritical whether the pod's priority class is system-node-critical
     * @param capacityBytes all memory of the node, 1 byte to 8 PiB
     * @throws IllegalArgumentException if the capacity is out of that range
     */
    public static int of(PodSpec pod, ContainerSpec container, boolean nodeCritical, long capacityBytes) {
        if (capacityBytes < 1 || capacityBytes > 1L << 53) {
            throw new IllegalArgumentException(
                    "memory capacity " + capacityBytes + ": must be 1 byte to 8 PiB (" + (1L << 53) + ")");
        }
        if (nodeCritical) {
            return GUARANTEED;
        }
        return switch (QosClass.of(pod)) {
            case GUARANTEED -> GUARANTEED;
            case BURSTABLE -> burstable(pod, container, capacityBytes);
            case BEST_EFFORT -> BEST_EFFORT;
        };
    }

    private static int burstable(PodSpec pod, ContainerSpec container, long capacity) {
        long counted = container.resources().requests().memoryBytes();
        if (container.kind() == ContainerKind.SIDECAR) {
            counted = Math.max(counted, smallestAppRequest(pod));
        }
        // Neither sum nor product overflows: beyond the capacity more does not matter.
        long asked = Math.min(counted, capacity) + Math.min(shareOfTheRest(pod), capacity);
        long adj = 1000 - 1000 * Math.min(asked, capacity) / capacity;
        return Math.clamp(adj, LEAST_BURSTABLE, MOST_BURSTABLE);
    }

    private static long smallestAppRequest(PodSpec pod) {
        long smallest = Long.MAX_VALUE;
        for (ContainerSpec container : pod.containers()) {
            if (container.kind() == ContainerKind.APP) {
                smallest = Math.min(smallest, container.resources().requests().memoryBytes());
            }
        }
        return smallest == Long.MAX_VALUE ? 0 : smallest;
    }

    /** Returns each container's even part of the pod's memory request beyond its containers'. */
    private static long shareOfTheRest(PodSpec pod) {
        long asked = pod.resources().requests().memoryBytes();
        int sharers = 0;
        for (ContainerSpec container : pod.containers()) {
            sharers += container.kind() == ContainerKind.EPHEMERAL ? 0 : 1;
        }
        return asked == 0 || sharers == 0
                ? 0
                : (asked - EffectiveResources.aggregateRequests(pod).memoryBytes()) / sharers;
    }
}
