package io.podslice.simulator.kubelet;

/** The program that makes the cgroups of pods. */
public enum PodCgroups {
    /** The kubelet makes and sizes them, from Kubernetes 1.34 on by pod-level resources. */
    BY_KUBELET,
    /** The kubelet leaves them to the runtime, as crictl does, which makes them without setting any value. */
    BY_RUNTIME
}
