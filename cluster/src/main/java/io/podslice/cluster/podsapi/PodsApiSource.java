package io.podslice.cluster.podsapi;

import io.podslice.cluster.kubelet.CallFailedException;
import io.podslice.cluster.source.HealthRecord;
import io.podslice.cluster.source.PodSource;
import io.podslice.cluster.source.SourceAbsentException;
import io.podslice.node.KnownPod;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.SourceHealth;
import io.podslice.node.SpecSource;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The kubelet's Pods API (KEP-4188; Kubernetes 1.36 behind its feature gate, on from 1.37). The kubelet has a pod before
 * its first CRI call for it, and holds no lock across CRI calls that GetPod needs: a lookup may be made while a
 * RunPodSandbox is held. The watch keeps a copy of each pod, which answers a lookup only when the kubelet has no time for
 * it.
 */
public final class PodsApiSource implements PodSource {
    private final PodsApiCalls calls;
    private final KeptPods kept;
    private final HealthRecord health;
    private volatile boolean answered;
    private @Nullable PodsWatch watch;
    private @Nullable ChangeTeller teller;

    /** @param socket path of the socket file; need not exist yet, and may be replaced at any time */
    public PodsApiSource(Path socket) {
        this(socket, KeptPods.PARTIAL);
    }

    /** @param partial the time for which a list may lack pods of a kubelet that has just started */
    PodsApiSource(Path socket, Duration partial) {
        this.kept = new KeptPods(partial);
        this.calls = new PodsApiCalls(socket);
        this.health = new HealthRecord(SpecSource.PODS_API, "Pods API", InstantSource.system());
    }

    @Override
    public SpecSource kind() {
        return SpecSource.PODS_API;
    }

    @Override
    public Optional<KnownPod> find(PodSandboxRequest pod, Duration atMost) throws IOException {
        Optional<KnownPod> found;
        try {
            found = pod.uid().isEmpty() ? Optional.empty() : calls.get(pod.uid(), atMost);
        } catch (CallFailedException e) {
            found = copyInPlaceOf(e, pod);
        } catch (SourceAbsentException e) {
            if (!hasServed()) {
                throw e;
            }
            health.lookupFailed(String.valueOf(e.getMessage()));
            throw new IOException(e.getMessage(), e);
        } catch (IOException e) {
            health.lookupFailed(String.valueOf(e.getMessage()));
            throw e;
        }
        answered = true;
        if (found.isPresent()) {
            health.found();
            var _ = kept.answered(found.get());
            return found;
        }
        return notFound(pod);
    }

    /** A kubelet that is just busy is answered for by the watch, as long as that lasts. */
    private Optional<KnownPod> copyInPlaceOf(CallFailedException e, PodSandboxRequest pod) throws CallFailedException {
        Optional<KnownPod> copy = (e.isRateLimit() || e.isLate()) && isWatchComplete() ? copyOf(pod) : Optional.empty();
        if (copy.isEmpty()) {
            health.lookupFailed(String.valueOf(e.getMessage()));
            throw e;
        }
        return copy;
    }

    /** A kubelet that has just started may not have read all its pods yet: then a copy from before counts. */
    private Optional<KnownPod> notFound(PodSandboxRequest pod) {
        if (kept.isWhole(System.nanoTime())) {
            kept.forget(pod.uid());
        }
        Optional<KnownPod> copy = copyOf(pod);
        if (copy.isPresent()) {
            health.found();
        } else {
            health.missed();
        }
        return copy;
    }

    @Override
    public Optional<KnownPod> atHand(String uid, String namespace, String name) {
        return kept.find(uid)
                .filter(pod -> pod.namespace().equals(namespace) && pod.name().equals(name));
    }

    private Optional<KnownPod> copyOf(PodSandboxRequest pod) {
        return atHand(pod.uid(), pod.namespace(), pod.name());
    }

    @Override
    public synchronized void start(Consumer<KnownPod> changes) {
        if (watch != null) {
            throw new IllegalStateException("started twice");
        }
        UnreadableLog unreadable = new UnreadableLog();
        teller = new ChangeTeller(calls, kept, changes, unreadable);
        watch = new PodsWatch(calls, kept, teller, health, unreadable);
        health.watchWaits("waits for the kubelet's list of pods");
        teller.start();
        watch.start();
    }

    private synchronized boolean isWatchComplete() {
        return watch != null && watch.isComplete();
    }

    /** Tells if the kubelet has ever answered: from then on a socket that is missing is a failure. */
    private synchronized boolean hasServed() {
        return answered || (watch != null && watch.hasServed());
    }

    @Override
    public SourceHealth health() {
        return health.health(kept.size());
    }

    @Override
    public void close() {
        PodsWatch openWatch;
        ChangeTeller openTeller;
        synchronized (this) {
            openWatch = watch;
            openTeller = teller;
        }
        if (openWatch != null) {
            openWatch.close();
        }
        if (openTeller != null) {
            openTeller.close();
        }
    }
}
