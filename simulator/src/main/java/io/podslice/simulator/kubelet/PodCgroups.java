package io.podslice.simulator.kubelet;

/** What the kubelet does about the cgroups of pods. */
public enum PodCgroups {
    /** It makes and sizes them itself, from 1.34 on by pod-level resources. */
    BY_KUBELET,
    /** It leaves them to whoever comes next, as crictl does: a runtime makes them without any value. */
    BY_RUNTIME
}
