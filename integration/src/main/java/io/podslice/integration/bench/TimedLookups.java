package io.podslice.integration.bench;

import io.podslice.node.AssignedDevice;
import io.podslice.node.PodDevices;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.PodSpecs;
import io.podslice.node.SourceHealth;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Sources that measure the time spent in them: asking, waiting for the answer, reading it. For one thread. */
final class TimedLookups {
    private final PodSpecs specs;
    private final PodDevices devices;
    private long spentNanos;

    TimedLookups(PodSpecs specs, PodDevices devices) {
        this.specs = specs;
        this.devices = devices;
    }

    void reset() {
        spentNanos = 0;
    }

    long spentNanos() {
        return spentNanos;
    }

    PodSpecs specs() {
        return new PodSpecs() {
            @Override
            public Lookup find(PodSandboxRequest pod, Duration atMost) {
                long start = System.nanoTime();
                try {
                    return specs.find(pod, atMost);
                } finally {
                    spentNanos += System.nanoTime() - start;
                }
            }

            @Override
            public List<SourceHealth> health() {
                return specs.health();
            }
        };
    }

    /** Returns the devices, {@link PodDevices#NONE} where there are none to be asked for. */
    PodDevices devices() {
        return devices.equals(PodDevices.NONE) ? PodDevices.NONE : this::timedDevices;
    }

    private Map<String, List<AssignedDevice>> timedDevices(String namespace, String name, Duration atMost)
            throws IOException {
        long start = System.nanoTime();
        try {
            return devices.of(namespace, name, atMost);
        } finally {
            spentNanos += System.nanoTime() - start;
        }
    }
}
