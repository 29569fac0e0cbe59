package io.podslice.cluster.apiserver;

import io.podslice.cluster.pod.PodMetadata;
import io.podslice.cluster.pod.PodReader;
import io.podslice.cluster.source.HealthRecord;
import io.podslice.cluster.wire.UnreadableException;
import io.podslice.node.KnownPod;
import io.podslice.node.SpecSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the cache equal to the API server's pods of one node. Begins with a watch that sends every pod first (WatchList),
 * or with a list and a watch from its resource version where a server has no WatchList; goes on from the last resource
 * version after a watch has ended or broken; begins anew where the server no longer has that version. One thread.
 */
final class PodWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PodWatch.class);

    private static final int PAGE = 50;

    /** The most pods of a node, ended ones among them, of which clusters keep some thousand. */
    private static final int MOST_LISTED = 20_000;

    /** Pods of at most 1.5 MiB fit into a page that is as large as pages may be. */
    private static final int SMALL_PAGE = 3;

    private static final Duration TIME_TO_END = Duration.ofSeconds(5);

    private final ApiServer server;
    private final NodeName nodeName;
    private final WatchTimes times;
    private final PodCache cache;
    private final HealthRecord health;
    private final Consumer<KnownPod> changes;
    private final Pauses pauses;
    private final UnreadablePods unreadable = new UnreadablePods();
    private final Thread thread;

    /** The resource version up to which the cache has every change; empty: it is not complete. For the thread alone. */
    private String version = "";

    /** True once a server did not do what WatchList asks of it. For the thread alone. */
    private boolean listsFirst;

    private volatile WatchState state = WatchState.NONE;
    private volatile @Nullable Body open;
    private volatile boolean isClosed;
    private boolean isHurried;

    /** True while a change is being taken, which must not be interrupted. */
    private boolean isTelling;

    /** @param changes gets each pod that is new or has changed, on the watch's thread; may block */
    PodWatch(
            ApiServer server,
            NodeName nodeName,
            WatchTimes times,
            PodCache cache,
            HealthRecord health,
            Consumer<KnownPod> changes) {
        this.server = server;
        this.nodeName = nodeName;
        this.times = times;
        this.cache = cache;
        this.health = health;
        this.changes = changes;
        this.pauses = new Pauses(times, () -> ThreadLocalRandom.current().nextDouble());
        // The brain decides on this thread.
        this.thread = Thread.ofPlatform().daemon().name("api-server-watch").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Tells if the cache is as the API server's pods are, as far as a watch can tell. */
    boolean isCurrent() {
        return state.isCurrent(System.nanoTime(), times.doubt());
    }

    /** Tells if pods are coming in: a pod that is not in the cache may be there in a moment. */
    boolean isOpen() {
        return state.isOpen();
    }

    /** Ends a pause between attempts: the server has answered another call. */
    synchronized void hurry() {
        isHurried = true;
        notifyAll();
    }

    /**
     * Ends the watch once the change that is being told has been taken, or after 5 s: an interrupt would break off what the
     * brain writes.
     */
    @Override
    public void close() {
        interruptOnceTold();
        Body body = open;
        if (body != null) {
            body.cut();
        }
    }

    private synchronized void interruptOnceTold() {
        isClosed = true;
        Deadline end = Deadline.in(TIME_TO_END);
        try {
            while (isTelling && end.nanos() > 0) {
                TimeUnit.NANOSECONDS.timedWait(this, end.nanos());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (isTelling) {
            LOG.warn("API server: a change of a pod is still being taken");
            return;
        }
        thread.interrupt();
        notifyAll();
    }

    private void tell(KnownPod pod) {
        synchronized (this) {
            if (isClosed) {
                return;
            }
            isTelling = true;
        }
        try {
            changes.accept(pod);
        } finally {
            synchronized (this) {
                isTelling = false;
                notifyAll();
            }
        }
    }

    private void run() {
        while (!isClosed) {
            Duration pause;
            try {
                pause = attempt();
            } catch (RuntimeException e) {
                LOG.error("the watch on the API server failed", e);
                health.watchFailed(e.toString());
                pause = pauses.afterFailure();
            } finally {
                state = WatchState.NONE;
            }
            rest(pause);
        }
    }

    private synchronized void rest(Duration pause) {
        Deadline end = Deadline.in(pause);
        try {
            while (!isClosed && !isHurried && end.nanos() > 0) {
                TimeUnit.NANOSECONDS.timedWait(this, end.nanos());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            isClosed = true;
        }
        isHurried = false;
    }

    /** Watches once; returns the pause before the next time. */
    private Duration attempt() {
        long began = 0;
        try {
            String node = nodeName.get();
            if (version.isEmpty()) {
                health.watchWaits("reads the pods of node " + node);
                if (listsFirst) {
                    list(node);
                }
            }
            try (ApiServer.Watch watch = begin(node)) {
                began = System.nanoTime();
                open = watch.body();
                follow(watch);
            } finally {
                open = null;
            }
        } catch (IOException e) {
            if (isClosed) {
                return Duration.ZERO;
            }
            if (e instanceof ApiException failure && failure.isExpired()) {
                version = "";
            }
            health.watchFailed(String.valueOf(e.getMessage()));
            return began == 0 ? pauses.afterFailure() : afterWatch(began);
        }
        Duration pause = afterWatch(began);
        if (!pause.isZero()) {
            health.watchFailed("the API server ends watches early");
        }
        return pause;
    }

    private Duration afterWatch(long began) {
        return pauses.afterWatch(Duration.ofNanos(System.nanoTime() - began));
    }

    private ApiServer.Watch begin(String node) throws IOException {
        long length = times.length().toSeconds();
        long seconds = length + ThreadLocalRandom.current().nextLong(length / 2 + 1);
        try {
            return server.watch(node, version, seconds, Deadline.in(times.answer()));
        } catch (ApiException e) {
            if (!version.isEmpty() || !e.isInvalid()) {
                throw e;
            }
            listsFirst = true;
            list(node);
            return server.watch(node, version, seconds, Deadline.in(times.answer()));
        }
    }

    private void list(String node) throws IOException {
        Set<String> uids = new HashSet<>();
        String next = "";
        int limit = PAGE;
        int listedPods = 0;
        String listed;
        do {
            PodPage page;
            try {
                page = server.pods(node, limit, next, Deadline.in(times.answer()));
            } catch (ApiServer.TooLargeException e) {
                if (limit == SMALL_PAGE) {
                    throw e;
                }
                limit = SMALL_PAGE;
                page = server.pods(node, limit, next, Deadline.in(times.answer()));
            }
            for (ByteBuffer pod : page.pods()) {
                keep(uids, changed(pod));
            }
            listedPods += page.pods().size();
            if (listedPods > MOST_LISTED
                    || (page.pods().isEmpty() && !page.next().isEmpty())) {
                throw new IOException("the API server's list of the node's pods does not end");
            }
            listed = page.version();
            next = page.next();
        } while (!next.isEmpty());
        if (listed.isEmpty()) {
            throw new IOException("the API server sends a list without a resource version");
        }
        cache.retain(uids);
        version = listed;
    }

    /** Follows a watch to its end. */
    private void follow(ApiServer.Watch watch) throws IOException {
        if (version.isEmpty()) {
            readInitial(watch);
        } else {
            state = WatchState.open(System.nanoTime() + times.settle().toNanos());
        }
        health.watchComplete();
        Optional<PodEvent> event = watch.next(Deadline.in(times.silence()));
        while (event.isPresent()) {
            apply(event.get());
            state = WatchState.open(System.nanoTime());
            event = watch.next(Deadline.in(times.silence()));
        }
    }

    /** Reads every pod that is there, up to the bookmark that says so. */
    private void readInitial(ApiServer.Watch watch) throws IOException {
        state = WatchState.INITIAL;
        Deadline end = Deadline.in(times.initial());
        Set<String> uids = new HashSet<>();
        try {
            while (version.isEmpty()) {
                PodEvent event = watch.next(end)
                        .orElseThrow(() -> new IOException("the API server ends a watch before it has sent every pod"));
                switch (event) {
                    case PodEvent.Changed(ByteBuffer pod) -> keep(uids, changed(pod));
                    case PodEvent.Deleted(ByteBuffer pod) -> {
                        PodMetadata metadata = PodMetadata.of(pod);
                        uids.remove(metadata.uid());
                        cache.remove(metadata.uid());
                    }
                    case PodEvent.Bookmark(String at, boolean endsInitial) -> version = endsInitial ? at : "";
                    case PodEvent.Failed(Status status) -> throw new ApiException(status.code(), status.message());
                }
                if (end.nanos() == 0) {
                    throw new IOException("the API server does not end the list of pods");
                }
            }
        } catch (ApiException e) {
            throw e;
        } catch (IOException e) {
            listsFirst = true;
            throw e;
        }
        cache.retain(uids);
        state = WatchState.open(System.nanoTime());
    }

    /** Notes a pod that is in the cache, so that their number is bounded as the cache's is. */
    private void keep(Set<String> uids, PodMetadata pod) {
        if (cache.has(pod.uid())) {
            uids.add(pod.uid());
        }
    }

    private void apply(PodEvent event) throws IOException {
        switch (event) {
            case PodEvent.Changed(ByteBuffer pod) -> advance(changed(pod).resourceVersion());
            case PodEvent.Deleted(ByteBuffer pod) -> {
                PodMetadata metadata = PodMetadata.of(pod);
                cache.remove(metadata.uid());
                unreadable.forget(metadata.uid());
                advance(metadata.resourceVersion());
            }
            case PodEvent.Bookmark(String at, boolean endsInitial) -> advance(at);
            case PodEvent.Failed(Status status) -> {
                version = "";
                throw new ApiException(status.code(), status.message());
            }
        }
    }

    private void advance(String to) {
        if (!to.isEmpty()) {
            version = to;
        }
    }

    /** Takes a pod; one that cannot be read is left out, and is no reason to give the others up. */
    private PodMetadata changed(ByteBuffer encoded) throws IOException {
        PodMetadata metadata = PodMetadata.of(encoded);
        KnownPod pod;
        try {
            pod = PodReader.read(SpecSource.API_SERVER, encoded);
        } catch (UnreadableException e) {
            cache.remove(metadata.uid());
            unreadable.tell(metadata, e);
            return metadata;
        }
        unreadable.forget(metadata.uid());
        // Static pods cannot be resized, and any author of a pod can write the annotations of a mirror.
        if (cache.put(metadata, pod) && metadata.mirrored().isEmpty()) {
            tell(pod);
        }
        return metadata;
    }
}
