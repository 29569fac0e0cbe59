package io.podslice.simulator.kubelet;

/** The parts of a kubelet beside its calls to the runtime, which learn of each step of a pod's life in time. */
public interface PodLife {
    /** A kubelet that does nothing beside its calls. */
    PodLife NONE = new PodLife() {
        @Override
        public PodManifest admit(PodManifest pod) {
            return pod;
        }

        @Override
        public void running(PodManifest pod) {}

        @Override
        public void resizing(PodManifest desired) {}

        @Override
        public void resized(PodManifest pod) {}

        @Override
        public void stopped(PodManifest pod) {}

        @Override
        public void removed(PodManifest pod) {}
    };

    /**
     * Admits a new pod: from here on the kubelet's own APIs show it, and its devices are allocated. Comes before the
     * first call to the runtime, and again for each new try to start the pod.
     *
     * @return the pod as the kubelet hands it on, with the kubelet's own annotations
     * @throws RejectedPodException if the kubelet does not admit it
     */
    PodManifest admit(PodManifest pod);

    /** All containers of the pod have been started. */
    void running(PodManifest pod);

    /** The pod's spec has changed to another generation; the first call of the resize is still to come. */
    void resizing(PodManifest desired);

    /** The kubelet has made every call of a resize. */
    void resized(PodManifest pod);

    /** The containers and the sandbox of the pod have been stopped for good. */
    void stopped(PodManifest pod);

    /** The pod's sandbox is gone, and the pod with it. */
    void removed(PodManifest pod);
}
