package io.podslice.simulator.kubelet;

/** A quality of service class, and the part of a pod's cgroup path that shows it. */
public enum Qos {
    GUARANTEED(""),
    BURSTABLE("/burstable"),
    BEST_EFFORT("/besteffort");

    private final String folder;

    Qos(String folder) {
        this.folder = folder;
    }

    String folder() {
        return folder;
    }
}
