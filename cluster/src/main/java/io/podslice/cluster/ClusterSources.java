package io.podslice.cluster;

import io.podslice.cluster.podresources.PodResourcesClient;
import io.podslice.cluster.podsapi.PodsApiSource;
import io.podslice.cluster.source.PodSource;
import io.podslice.cluster.source.PodSources;
import io.podslice.node.KnownPod;
import io.podslice.node.PodDevices;
import io.podslice.node.PodSpecs;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The configured sources of pods' specs and devices, opened together. Safe for use by many threads. */
public final class ClusterSources implements AutoCloseable {
    private final PodSources specs;
    private final Optional<PodResourcesClient> devices;

    private ClusterSources(List<PodSource> sources, Optional<PodResourcesClient> devices) {
        this.specs = new PodSources(sources);
        this.devices = devices;
    }

    /** Opens the sources, best first. None needs to be there yet, and none is asked before {@link #start} or a lookup. */
    public static ClusterSources open(ClusterOptions options) {
        List<PodSource> sources = new ArrayList<>();
        options.podsApi().ifPresent(socket -> sources.add(new PodsApiSource(socket)));
        return new ClusterSources(sources, options.podResources().map(PodResourcesClient::new));
    }

    /** Returns the pods' specs, from the best source that has them. */
    public PodSpecs specs() {
        return specs;
    }

    /** Returns the pods' devices; of no pod where they are not looked up. */
    public PodDevices devices() {
        return devices.<PodDevices>map(client -> client).orElse(PodDevices.NONE);
    }

    /**
     * Asks if the kubelet itself gives out CPUs, beside which podslice cannot.
     *
     * @return a warning for the log; empty if it gives out none, or devices are not looked up
     * @throws IOException if the kubelet does not tell
     */
    public Optional<String> cpuManagerWarning(Duration atMost) throws IOException {
        return devices.isPresent() ? devices.get().cpuManagerWarning(atMost) : Optional.empty();
    }

    /**
     * Begins to watch the sources that can be watched.
     *
     * @param changes gets each pod that is new or has changed; called from several threads, and may block
     */
    public void start(Consumer<KnownPod> changes) {
        specs.start(changes);
    }

    /** Ends the watches, once the changes that are being told have been taken. */
    @Override
    public void close() {
        specs.close();
    }
}
