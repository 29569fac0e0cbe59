package io.podslice.cluster;

import io.podslice.cluster.apiserver.ApiServerSource;
import io.podslice.cluster.apiserver.NodeName;
import io.podslice.cluster.events.PodEvents;
import io.podslice.cluster.podresources.PodResourcesClient;
import io.podslice.cluster.podsapi.PodsApiSource;
import io.podslice.cluster.refused.RefusedPods;
import io.podslice.cluster.source.PodSource;
import io.podslice.cluster.source.PodSources;
import io.podslice.cluster.staticpods.StaticPodsSource;
import io.podslice.node.KnownPod;
import io.podslice.node.NodeMeter;
import io.podslice.node.PodDevices;
import io.podslice.node.PodSpecs;
import io.podslice.node.RefusalListener;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The configured sources of pods' specs and devices, opened together. Safe for use by many threads. */
public final class ClusterSources implements AutoCloseable {
    private final PodSources specs;
    private final Optional<PodResourcesClient> devices;
    private final @Nullable ServerAccess server;
    private final @Nullable RefusedPods refused;
    private final @Nullable PodEvents events;

    private ClusterSources(ClusterOptions options, NodeMeter meter) {
        // Not as a method reference: that would load the class, and with it others, also where there is no access.
        ServerAccess opened = options.apiServer().isPresent()
                ? new ServerAccess(options.apiServer().get())
                : null;
        this.server = opened;
        NodeName nodeName =
                new NodeName(options.nodeName(), opened == null ? Optional.empty() : Optional.of(opened.server()));
        List<PodSource> sources = new ArrayList<>();
        options.podsApi().ifPresent(socket -> sources.add(new PodsApiSource(socket)));
        if (opened != null && options.asksApiServer()) {
            sources.add(new ApiServerSource(opened.server(), nodeName));
        }
        options.staticPods().ifPresent(folder -> sources.add(new StaticPodsSource(folder, nodeName)));
        this.specs = new PodSources(sources);
        this.devices = options.podResources().map(PodResourcesClient::new);
        this.refused = opened != null && options.failsRefused() ? new RefusedPods(opened.server(), meter) : null;
        this.events = opened != null && options.writesEvents() ? new PodEvents(opened.server(), nodeName, meter) : null;
    }

    /**
     * Opens the sources, best first. None needs to be there yet, and none is asked before {@link #start} or a lookup.
     *
     * @param meter counts what becomes of refused pods and of events
     */
    public static ClusterSources open(ClusterOptions options, NodeMeter meter) {
        return new ClusterSources(options, meter);
    }

    /** Returns the hearer that makes refused pods fail; one that hears nothing where they are not made to. */
    public RefusalListener refusals() {
        return refused == null ? RefusalListener.NONE : refused;
    }

    /** Returns the hearer that writes incidents as events on pods; one that hears nothing where none are written. */
    public NodeMeter incidents() {
        return events == null ? NodeMeter.NONE : events;
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

    /** Ends the watches, once the changes that are being told have been taken, and every call to the API server. */
    @Override
    public void close() {
        specs.close();
        if (refused != null) {
            refused.close();
        }
        if (events != null) {
            events.close();
        }
        if (server != null) {
            server.close();
        }
    }
}
