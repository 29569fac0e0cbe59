package io.podslice.simulator.kubelet;

/** Told of each CRI call before the kubelet makes it. */
@FunctionalInterface
public interface CallLog {
    /** Tells nobody. */
    CallLog NONE = (method, subject, detail) -> {};

    /**
     * A call is about to be made.
     *
     * @param method CRI's name of it
     * @param subject the pod's name, or {@code pod/container}
     * @param detail the values that matter in it; may be empty
     */
    void calling(String method, String subject, String detail);
}
