package io.podslice.managers.placement;

import io.podslice.cgroups.CpuSet;

/**
 * A running pod that would have to move to other CPUs for a rejected pod to fit. An answer only: nothing is moved.
 *
 * @param uid the running pod's uid
 * @param from the CPUs that it has
 * @param to the CPUs that it would have; as many, some perhaps unchanged
 * @param fits the placement that the rejected pod would get then
 */
public record SmallestMove(String uid, CpuSet from, CpuSet to, PodPlacement fits) {

    /** The number of CPUs that the running pod would have to leave. */
    public int size() {
        return from.minus(to).size();
    }

    /**
     * Returns the move as a sentence.
     *
     * @param pod the running pod's name for users
     */
    public String text(String pod) {
        return "it would fit if pod " + pod + " had CPUs " + to + " instead of " + from;
    }
}
