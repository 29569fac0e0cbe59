package io.podslice.simulator.kubelet;

/** A listener that hears of each CRI call before the kubelet makes it. */
@FunctionalInterface
public interface CallLog {
    /** Ignores every call. */
    CallLog NONE = (method, subject, detail) -> {};

    /**
     * Hears of a call that the kubelet is about to make.
     *
     * @param method the call's name in CRI
     * @param subject the pod's name, or {@code pod/container}
     * @param detail the values of the call that a reader needs; may be empty
     */
    void calling(String method, String subject, String detail);
}
