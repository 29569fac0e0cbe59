package io.podslice.managers.topology;

import java.util.List;
import java.util.Optional;

/**
 * A resource manager's part in one attempt to admit one pod. An attempt starts from the manager's state and yields a
 * new one, which is dropped if the pod is not admitted. Containers are given by their place in the pod: init containers
 * and sidecars in their order, then app containers.
 */
public interface HintProvider {

    /**
     * Tells if the pod asks for nothing, or has all that it asks for, except the allocations of ended init containers.
     */
    boolean isSettled();

    /** Returns the NUMA nodes that could serve the whole pod, one entry for each resource. */
    List<ResourceHints> podHints();

    /** Returns the NUMA nodes that could serve a container, given the allocations of the containers before it. */
    List<ResourceHints> containerHints(int container);

    /** Allocates for the pod as a whole and carves its containers' parts out of that (KEP-5526). */
    Optional<Rejection> allocatePod(TopologyHint hint);

    /** Allocates for one container. */
    Optional<Rejection> allocate(int container, TopologyHint hint);

    /** Returns the request, the free amounts by node, and the most that would fit, in one line; may be empty. */
    String outlook();

    /** Returns the request, the free amount, and the most that would fit on one NUMA node, in a few words; may be empty. */
    default String brief() {
        return "";
    }
}
