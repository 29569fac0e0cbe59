package io.podslice.managers.topology;

import java.util.List;
import java.util.Optional;

/**
 * A resource manager's part in one attempt to admit one pod. An attempt starts from the manager's state and yields a new
 * one; of a pod that is not admitted the attempt is thrown away. Containers are given by their place in the pod: init
 * containers and sidecars in their order, then app containers.
 */
public interface HintProvider {

    /** Whether the pod asks for nothing, or has all that it asks for, but for what ended init containers had. */
    boolean isSettled();

    /** Where the whole pod's resources could come from, one entry for each resource. */
    List<ResourceHints> podHints();

    /** Where a container's resources could come from, given what containers before it were allocated. */
    List<ResourceHints> containerHints(int container);

    /** Allocates for the pod as a whole and carves its containers' parts out of that (KEP-5526). */
    Optional<Rejection> allocatePod(TopologyHint hint);

    /** Allocates for one container. */
    Optional<Rejection> allocate(int container, TopologyHint hint);

    /** What is asked of this resource, what is free where, and what would fit, in one line; may be empty. */
    String outlook();
}
