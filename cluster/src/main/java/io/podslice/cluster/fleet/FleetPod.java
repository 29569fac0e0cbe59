package io.podslice.cluster.fleet;

import io.podslice.managers.pod.PodSpec;

/**
 * A pod of the cluster.
 *
 * @param uid {@code metadata.uid}
 * @param namespace Kubernetes namespace
 * @param name pod name
 * @param node the node that it is bound to; empty while it waits for the scheduler
 * @param phase {@code status.phase}; empty where there is none yet
 * @param resize the reason of its condition PodResizePending, {@code InProgress} with the condition PodResizeInProgress; empty
 *     while no resize goes on
 * @param isAnnotated true if it has an annotation of podslice's
 * @param spec its desired spec, with the API server's defaults; {@link #isReadable} tells if there is one
 * @param problem the reason for which the spec cannot be read; empty where it can
 */
public record FleetPod(
        String uid,
        String namespace,
        String name,
        String node,
        String phase,
        String resize,
        boolean isAnnotated,
        PodSpec spec,
        String problem) {

    /** Tells if the spec can be read. */
    public boolean isReadable() {
        return problem.isEmpty();
    }

    /** Tells if the pod has ended, and uses nothing any more. */
    public boolean hasEnded() {
        return phase.equals("Succeeded") || phase.equals("Failed");
    }
}
