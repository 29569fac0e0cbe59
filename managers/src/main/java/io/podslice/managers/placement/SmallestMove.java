package io.podslice.managers.placement;

import io.podslice.cgroups.CpuSet;

/**
 * A running pod whose CPUs would have to be others for a rejected pod to fit. An answer only: nothing is moved.
 *
 * @param uid the running pod
 * @param from CPUs that it has
 * @param to CPUs that it would have; as many, some perhaps the same
 * @param fits where the rejected pod would be then
 */
public record SmallestMove(String uid, CpuSet from, CpuSet to, PodPlacement fits) {

    /** How many CPUs the running pod would have to leave. */
    public int size() {
        return from.minus(to).size();
    }

    /**
     * In words.
     *
     * @param pod what a user knows the running pod by
     */
    public String text(String pod) {
        return "it would fit if pod " + pod + " had CPUs " + to + " instead of " + from;
    }
}
