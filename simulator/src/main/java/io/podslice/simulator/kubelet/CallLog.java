package io.podslice.simulator.kubelet;

/** A listener that is called before each CRI call that the kubelet makes. */
@FunctionalInterface
public interface CallLog {
    /** Ignores every call. */
    CallLog NONE = (method, subject, detail) -> {};

    /**
     * Receives a call that the kubelet is about to make.
     *
     * @param method the call's name in CRI
     * @param subject the pod's name, or {@code pod/container}
     * @param detail the values of the call that a reader needs; may be empty
     */
    void calling(String method, String subject, String detail);
}
