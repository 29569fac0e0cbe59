package io.podslice.cluster.apiserver;

import io.podslice.cluster.pod.PodMetadata;
import io.podslice.cluster.pod.PodReader;
import io.podslice.cluster.source.HealthRecord;
import io.podslice.cluster.source.PodSource;
import io.podslice.node.KnownPod;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.SourceHealth;
import io.podslice.node.SpecSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The API server as a source of pods' specs. A watch keeps the pods of this node at hand. A pod that the watch does not have
 * yet is waited for, then asked for by name; so is every pod while there is no watch, since its spec may have changed.
 */
public final class ApiServerSource implements PodSource {
    /** The most lookups that ask the server at once: each answer may have 2 MiB. */
    private static final int MOST_CALLS = 4;

    private final ApiServer server;
    private final NodeName nodeName;
    private final WatchTimes times;
    private final HealthRecord health;
    private final PodCache cache = new PodCache();
    private final Semaphore calls = new Semaphore(MOST_CALLS);
    private volatile @Nullable PodWatch watch;

    /**
     * @param server the API server
     * @param nodeName the node whose pods are watched
     */
    public ApiServerSource(ApiServer server, NodeName nodeName) {
        this(server, nodeName, WatchTimes.DEFAULT);
    }

    ApiServerSource(ApiServer server, NodeName nodeName, WatchTimes times) {
        this.server = server;
        this.nodeName = nodeName;
        this.times = times;
        this.health = new HealthRecord(SpecSource.API_SERVER, "API server", InstantSource.system());
    }

    @Override
    public SpecSource kind() {
        return SpecSource.API_SERVER;
    }

    @Override
    public void start(Consumer<KnownPod> changes) {
        PodWatch started = new PodWatch(server, nodeName, times, cache, health, changes);
        watch = started;
        started.start();
    }

    @Override
    public Optional<KnownPod> find(PodSandboxRequest pod, Duration atMost) throws IOException {
        Deadline deadline = Deadline.in(atMost);
        Optional<KnownPod> found = atHand(pod, deadline);
        if (found.isPresent()) {
            health.found();
            return found;
        }
        return asked(pod, deadline);
    }

    /** Returns the pod if the watch is sure of it, now or in a moment. */
    private Optional<KnownPod> atHand(PodSandboxRequest pod, Deadline deadline) throws IOException {
        PodWatch present = watch;
        if (present == null || !present.isOpen()) {
            return Optional.empty();
        }
        try {
            // A static pod's mirror comes when the kubelet has made it, which may be never.
            Optional<KnownPod> found = MirrorPods.isStatic(pod)
                    ? cache.find(pod)
                    : cache.await(
                            pod,
                            deadline.within(
                                    Duration.ofNanos(Math.min(times.arrival().toNanos(), deadline.nanos() / 4))));
            return present.isCurrent() ? found : Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** Asks the server for the pod; where it does not answer, the one at hand counts, and the health says so. */
    private Optional<KnownPod> asked(PodSandboxRequest pod, Deadline deadline) throws IOException {
        try {
            Optional<KnownPod> found = get(pod, deadline);
            if (found.isPresent()) {
                health.found();
            } else {
                health.missed();
            }
            PodWatch present = watch;
            if (present != null && !present.isOpen()) {
                present.hurry();
            }
            return found;
        } catch (IOException e) {
            health.lookupFailed(String.valueOf(e.getMessage()));
            Optional<KnownPod> stale = cache.find(pod);
            if (stale.isEmpty()) {
                throw e;
            }
            return stale;
        }
    }

    private Optional<KnownPod> get(PodSandboxRequest pod, Deadline deadline) throws IOException {
        boolean isFree = false;
        try {
            isFree = calls.tryAcquire(deadline.nanos(), TimeUnit.NANOSECONDS);
            if (!isFree) {
                throw new IOException("the API server is slow: " + MOST_CALLS + " lookups wait for it already");
            }
            Optional<ByteBuffer> object = server.pod(pod.namespace(), pod.name(), deadline);
            return object.isPresent() && MirrorPods.isOf(PodMetadata.of(object.get()), pod)
                    ? Optional.of(PodReader.read(SpecSource.API_SERVER, object.get()))
                    : Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            if (isFree) {
                calls.release();
            }
        }
    }

    @Override
    public Optional<KnownPod> atHand(String uid, String namespace, String name) {
        return cache.atHand(uid, namespace, name);
    }

    @Override
    public SourceHealth health() {
        SourceHealth present = health.health(cache.size());
        Optional<String> problem = server.problem();
        return present.detail().isEmpty() && problem.isPresent()
                ? new SourceHealth(
                        present.source(),
                        present.ready(),
                        problem.get(),
                        present.since(),
                        present.pods(),
                        present.found(),
                        present.missed(),
                        present.failures())
                : present;
    }

    @Override
    public void close() {
        PodWatch present = watch;
        if (present != null) {
            present.close();
        }
    }
}
