package io.podslice.agent.fleet;

import io.podslice.cluster.fleet.FleetPod;

/** The pods of one node, as sums; pods that have ended do not count. For one thread. */
final class NodeTally {
    private int pods;
    private int concerned;
    private int resizing;
    private long cpuMillis;
    private long memoryBytes;
    private long exclusive;

    void add(FleetPod pod, PodUse use) {
        pods++;
        concerned += use.concerns(pod) ? 1 : 0;
        resizing += pod.resize().isEmpty() ? 0 : 1;
        cpuMillis += use.requests().cpuMillis();
        memoryBytes += use.requests().memoryBytes();
        exclusive += use.exclusive();
    }

    /** Returns the number of pods. */
    int pods() {
        return pods;
    }

    /** Returns the number of pods that are podslice's concern. */
    int concerned() {
        return concerned;
    }

    /** Returns the number of pods with a resize that has not ended. */
    int resizing() {
        return resizing;
    }

    /** Returns the sum of the pods' CPU requests in thousandths. */
    long cpuMillis() {
        return cpuMillis;
    }

    /** Returns the sum of the pods' memory requests in bytes. */
    long memoryBytes() {
        return memoryBytes;
    }

    /** Returns the CPUs that the pods' specs ask for exclusively. */
    long exclusive() {
        return exclusive;
    }
}
