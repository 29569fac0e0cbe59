package io.podslice.node.pods;

import io.podslice.node.AssignedDevice;
import io.podslice.node.NodeSources;
import io.podslice.node.PodDevices;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.PodSpecs;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks the cluster's sources about pods, within the time that an admission waits for them. Needs no lock. */
final class PodLookups {
    private static final Logger log = LoggerFactory.getLogger(PodLookups.class);

    /** The time for which pods that run already are not looked up after a lookup that took all its time. */
    private static final long PAUSE_NANOS = Duration.ofSeconds(10).toNanos();

    private final NodeSources sources;

    /** The end of the pause by {@link System#nanoTime}. */
    private final AtomicLong pausedUntil = new AtomicLong(System.nanoTime());

    PodLookups(NodeSources sources) {
        this.sources = sources;
    }

    /** The time that is left for one pod's lookups. */
    final class Time {
        private final long end = System.nanoTime() + sources.timeout().toNanos();

        private Duration left() {
            return Duration.ofNanos(Math.max(0, end - System.nanoTime()));
        }
    }

    /** Tells if there are sources of specs. */
    boolean hasSources() {
        return !sources.specs().equals(PodSpecs.NONE);
    }

    /** Begins the time of a pod's lookups. */
    Time begin() {
        return new Time();
    }

    /** Looks up a pod whose sandbox is about to be made. */
    PodSpecs.Lookup spec(PodSandboxRequest pod, Time time) {
        PodSpecs.Lookup lookup;
        try {
            lookup = sources.specs().find(pod, time.left());
        } catch (RuntimeException e) {
            // A source must not throw; a defect in one is no reason to stop a pod.
            log.error("pod {}/{}: not looked up: {}", pod.namespace(), pod.name(), e.getMessage(), e);
            return PodSpecs.Lookup.NOTHING;
        }
        if (lookup.pod().isEmpty() && time.left().isZero()) {
            pausedUntil.set(System.nanoTime() + PAUSE_NANOS);
        }
        return lookup;
    }

    /**
     * Looks up a pod that runs already. Many come at once, when podslice starts: while the sources have just not answered
     * in time they are not asked again, and the pod keeps what it has.
     */
    PodSpecs.Lookup specOfRunning(PodSandboxRequest pod, Time time) {
        if (System.nanoTime() - pausedUntil.get() < 0) {
            return new PodSpecs.Lookup(
                    Optional.empty(), List.of("not asked: the sources have just not answered in time"));
        }
        return spec(pod, time);
    }

    /**
     * Returns the devices that the kubelet has assigned to a pod whose sandbox is about to be made; none, with a line in
     * the log, if the kubelet does not tell.
     */
    Map<String, List<AssignedDevice>> devices(PodSandboxRequest pod, Time time) {
        if (sources.devices().equals(PodDevices.NONE)) {
            return Map.of();
        }
        try {
            Duration left = time.left();
            if (left.isZero()) {
                throw new IOException("no time was left to ask for them after "
                        + sources.timeout().toMillis() + " ms");
            }
            return sources.devices().of(pod.namespace(), pod.name(), left);
        } catch (IOException | RuntimeException e) {
            log.warn(
                    "pod {}/{}: placed without its devices: {}",
                    pod.namespace(),
                    pod.name(),
                    e.getMessage() == null ? e.toString() : e.getMessage());
            return Map.of();
        }
    }
}
