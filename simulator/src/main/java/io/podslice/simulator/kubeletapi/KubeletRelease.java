package io.podslice.simulator.kubeletapi;

/** Releases of the kubelet whose Pods API differs (facts: kubelet-apis 1.1, 1.3). */
public enum KubeletRelease {
    /** Serves at once after a start, also while it has read only some of its pods. */
    V1_36,
    /** Answers FAILED_PRECONDITION until it has read every source of pods once. */
    V1_37,
    /** As 1.37 with its gate off: the socket exists, and every call fails. */
    V1_37_GATE_OFF
}
