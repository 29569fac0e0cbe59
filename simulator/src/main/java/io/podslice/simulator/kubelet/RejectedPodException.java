package io.podslice.simulator.kubelet;

/** A pod that the kubelet itself does not admit: it never reaches the runtime. */
public final class RejectedPodException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String reason;

    /**
     * @param reason the pod status' reason, e.g. UnexpectedAdmissionError
     * @param message the pod status' message
     */
    public RejectedPodException(String reason, String message) {
        super(message);
        this.reason = reason;
    }

    /** Returns the pod status' reason. */
    public String reason() {
        return reason;
    }
}
