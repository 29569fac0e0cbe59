package io.podslice.node;

import java.time.Duration;

/**
 * The brain's ways to what the cluster knows of pods, and back.
 *
 * @param specs the pods' specs
 * @param devices the devices that the kubelet has assigned to pods
 * @param timeout the time for which an admission waits for both together at most; without an answer by then it goes on
 *     without
 * @param refusals hears of pods that are refused before they have ever run
 */
public record NodeSources(PodSpecs specs, PodDevices devices, Duration timeout, RefusalListener refusals) {

    /** The default of the time that an admission waits. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(1);

    /** A node that has no source. */
    public static final NodeSources NONE =
            new NodeSources(PodSpecs.NONE, PodDevices.NONE, DEFAULT_TIMEOUT, RefusalListener.NONE);

    public NodeSources {
        if (timeout.isNegative() || timeout.isZero()) {
            throw new IllegalArgumentException("timeout " + timeout + ": must be positive");
        }
    }
}
