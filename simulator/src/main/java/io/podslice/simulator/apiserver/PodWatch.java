package io.podslice.simulator.apiserver;

import io.podslice.proto.core.v1.ObjectMeta;
import io.podslice.proto.core.v1.Pod;
import java.io.IOException;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A watch on the pods of a node: the pods at its begin if it asks for them, each change, and bookmarks. Bound to one
 * thread.
 */
final class PodWatch {
    private static final long LOOK_EVERY_MILLIS = 20;
    private static final String INITIAL_EVENTS_END = "k8s.io/initial-events-end";

    private final PodStore store;
    private final Encoding encoding;
    private final String node;
    private final ShardFilter shard;
    private final ApiOptions options;
    private final Body body;
    private final @Nullable ApiFault fault;
    private final BooleanSupplier isCut;
    private final BooleanSupplier isSilent;
    private int sent;

    /** Ends a watch in good order. */
    private static final class Ended extends Exception {
        private static final long serialVersionUID = 1;
    }

    /**
     * @param isCut true once its connection must break
     * @param isSilent true while it must send nothing, though it is open
     */
    PodWatch(
            PodStore store,
            Encoding encoding,
            String node,
            ShardFilter shard,
            ApiOptions options,
            Body body,
            @Nullable ApiFault fault,
            BooleanSupplier isCut,
            BooleanSupplier isSilent) {
        this.store = store;
        this.encoding = encoding;
        this.node = node;
        this.shard = shard;
        this.options = options;
        this.body = body;
        this.fault = fault;
        this.isCut = isCut;
        this.isSilent = isSilent;
    }

    /**
     * Sends events until the client goes, the watch is cut, or its time is over.
     *
     * @param after the version after which changes are sent; 0 to begin with all pods
     * @param marksInitialEvents true if a bookmark ends the pods at the begin
     * @param bookmarks true if the client wants bookmarks
     * @param seconds the watch's time; 0 for none
     * @throws IOException if the client has gone, or the watch is cut
     */
    void run(long after, boolean marksInitialEvents, boolean bookmarks, long seconds) throws IOException {
        try {
            events(after, marksInitialEvents, bookmarks, seconds);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("the server ends", e);
        } catch (Ended e) {
            body.end();
        }
    }

    private void events(long after, boolean marksInitialEvents, boolean bookmarks, long seconds)
            throws IOException, InterruptedException, Ended {
        long seen = after;
        if (after == 0) {
            PodStore.Snapshot snapshot = store.snapshot(node, shard);
            for (Pod pod : snapshot.pods()) {
                send(encoding.event("ADDED", pod));
            }
            seen = snapshot.version();
            if (marksInitialEvents) {
                send(bookmark(seen, true));
            }
        }
        long began = System.nanoTime();
        long marked = began;
        while (true) {
            Optional<PodStore.Changes> changes = store.await(node, seen, LOOK_EVERY_MILLIS);
            long now = System.nanoTime();
            if (isCut.getAsBoolean()) {
                throw new IOException("the watch is cut");
            }
            if (seconds > 0 && now - began > seconds * 1_000_000_000L) {
                throw new Ended();
            }
            if (isSilent.getAsBoolean()) {
                continue;
            }
            if (changes.isEmpty()) {
                send(encoding.error(
                        410, "Expired", "too old resource version: " + seen + " (" + store.compacted() + ")"));
                throw new Ended();
            }
            for (StoredEvent event : changes.get().events()) {
                // Bookmarks go to every shard, deletions to their own.
                if (PodStore.isIn(event.pod(), shard)) {
                    send(encoding.event(event.type(), event.pod()));
                }
            }
            seen = changes.get().upTo();
            if (bookmarks && now - marked > options.bookmarkEvery().toNanos()) {
                send(bookmark(seen, false));
                marked = now;
            }
        }
    }

    private byte[] bookmark(long version, boolean endsInitialEvents) {
        ObjectMeta.Builder metadata = ObjectMeta.newBuilder().setResourceVersion(Long.toString(version));
        if (endsInitialEvents) {
            metadata.putAnnotations(INITIAL_EVENTS_END, "true");
        }
        return encoding.event("BOOKMARK", Pod.newBuilder().setMetadata(metadata).build());
    }

    private void send(byte[] frame) throws IOException, InterruptedException, Ended {
        switch (fault) {
            case ApiFault.ErrorAfter(int events, int code, String reason)
            when sent >= events -> {
                body.write(encoding.error(code, reason, "the watch ends: " + reason));
                throw new Ended();
            }
            case ApiFault.EndAfter(int events) when sent >= events -> throw new Ended();
            case ApiFault.SilentAfter(int events)
            when sent >= events -> {
                while (!isCut.getAsBoolean()) {
                    Thread.sleep(LOOK_EVERY_MILLIS);
                }
                throw new IOException("the watch is cut");
            }
            case null, default -> body.write(frame);
        }
        sent++;
    }
}
