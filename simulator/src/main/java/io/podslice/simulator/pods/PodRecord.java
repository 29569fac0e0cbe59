package io.podslice.simulator.pods;

import io.podslice.simulator.kubelet.PodManifest;

/**
 * A pod with its status, as the kubelet has it.
 *
 * @param desired the spec as the API server, or its file, has it
 * @param allocated the spec that the kubelet has allocated, which lags behind while a resize is pending
 * @param phase the phase
 * @param reason the status' reason; empty while there is none
 * @param message the status' message; empty while there is none
 */
public record PodRecord(PodManifest desired, PodManifest allocated, PodPhase phase, String reason, String message) {

    /** Returns a pod that the kubelet has just heard of. */
    public static PodRecord fresh(PodManifest pod) {
        return new PodRecord(pod, pod, PodPhase.PENDING, "", "");
    }

    /** Returns the pod with another desired spec. */
    public PodRecord desiring(PodManifest other) {
        return new PodRecord(other, allocated, phase, reason, message);
    }

    /** Returns the pod with its desired spec allocated. */
    public PodRecord allocatedAsDesired() {
        return new PodRecord(desired, desired, phase, reason, message);
    }

    /** Returns the pod in another phase. */
    public PodRecord in(PodPhase other, String otherReason, String otherMessage) {
        return new PodRecord(desired, allocated, other, otherReason, otherMessage);
    }

    /** Returns true while the kubelet has not allocated the desired spec. */
    public boolean isResizePending() {
        return desired.generation() != allocated.generation();
    }
}
