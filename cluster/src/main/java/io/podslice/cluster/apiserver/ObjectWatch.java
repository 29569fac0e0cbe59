package io.podslice.cluster.apiserver;

import io.podslice.cluster.pod.PodMetadata;
import io.podslice.cluster.shard.ShardSelector;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Follows a collection of pods from the version of a list. A watch that ends or breaks, and a server that is away or busy, are no
 * end: it goes on from the last version that has come. For one thread.
 */
public final class ObjectWatch {
    private static final String ACCEPTED = Wire.PROTOBUF + ";stream=watch, " + Wire.JSON + ";q=0.5";

    private final ApiServer server;
    private final String path;
    private final WatchTimes times = WatchTimes.DEFAULT;
    private final Pauses pauses =
            new Pauses(times, () -> ThreadLocalRandom.current().nextDouble());
    private String version;
    private boolean isOpen;

    /**
     * @param path the path of the collection, with a query or without
     * @param shard the part that is wanted; empty for all
     * @param version the resource version of the list
     */
    public ObjectWatch(ApiServer server, String path, Optional<ShardSelector> shard, String version) {
        this.server = server;
        this.path = path + (path.contains("?") ? "&" : "?") + "watch=1&allowWatchBookmarks=true"
                + shard.map(part -> "&shardSelector=" + ApiServer.encoded(part.text()))
                        .orElse("");
        this.version = version;
    }

    /**
     * Follows the collection until the server no longer has the changes since the last version (410), or does not let it be
     * watched.
     *
     * @param items takes the changes; where a shard is wanted also those of other shards, if the server does not know shards,
     *     of which no event of a watch tells (1.36)
     * @throws ApiException the answer that no other attempt would change
     * @throws InterruptedException if the thread is interrupted
     */
    public void follow(WatchItems items) throws ApiException, InterruptedException {
        while (true) {
            long began = System.nanoTime();
            isOpen = false;
            Duration pause;
            try {
                once(items);
                pause = pauses.afterWatch(Duration.ofNanos(System.nanoTime() - began));
            } catch (ApiException e) {
                if (e.code() < 500 && !e.isBusy()) {
                    throw e;
                }
                pause = failed(e, began, items);
            } catch (IOException e) {
                pause = failed(e, began, items);
            }
            Thread.sleep(pause);
        }
    }

    private Duration failed(IOException e, long began, WatchItems items) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException(e.getMessage());
        }
        items.failed(String.valueOf(e.getMessage()));
        return isOpen ? pauses.afterWatch(Duration.ofNanos(System.nanoTime() - began)) : pauses.afterFailure();
    }

    private void once(WatchItems items) throws IOException {
        long length = times.length().toSeconds();
        long seconds = length + ThreadLocalRandom.current().nextLong(length / 2 + 1);
        try (ApiServer.Answer watch = server.open(
                path + "&timeoutSeconds=" + seconds + "&resourceVersion=" + ApiServer.encoded(version),
                ACCEPTED,
                Deadline.in(times.answer()))) {
            isOpen = true;
            Optional<PodEvent> event = next(watch);
            while (event.isPresent()) {
                take(event.get(), items);
                event = next(watch);
            }
        }
    }

    private Optional<PodEvent> next(ApiServer.Answer watch) throws IOException {
        return watch.wire().next(watch.body(), Deadline.in(times.silence()));
    }

    private void take(PodEvent event, WatchItems items) throws IOException {
        switch (event) {
            case PodEvent.Changed(ByteBuffer pod) -> {
                items.changed(pod.duplicate());
                advance(PodMetadata.of(pod).resourceVersion());
            }
            case PodEvent.Deleted(ByteBuffer pod) -> {
                items.deleted(pod.duplicate());
                advance(PodMetadata.of(pod).resourceVersion());
            }
            case PodEvent.Bookmark(String at, boolean _) -> advance(at);
            case PodEvent.Failed(Status status) -> throw new ApiException(status.code(), status.message());
        }
    }

    private void advance(String to) {
        if (!to.isEmpty()) {
            version = to;
        }
    }
}
