package io.podslice.cluster.apiserver;

import io.podslice.cluster.shard.ShardSelector;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * Reads a whole collection page by page, and each page as it comes. A list that expires between two pages is begun anew; a
 * server that is busy is asked again. For one thread.
 */
public final class ObjectList {
    private static final String ACCEPTED = Wire.PROTOBUF + ", " + Wire.JSON + ";q=0.5";

    /** The most attempts at a list whose earlier pages no longer belong to its later ones. */
    private static final int MOST_BEGINS = 3;

    private static final int MOST_TRIES = 4;

    private final ApiServer server;
    private final String path;
    private final boolean inProtobuf;
    private final Optional<ShardSelector> shard;
    private final Times times;
    private final int pageSize;
    private int pages;
    private int begins;

    /**
     * The times of a list.
     *
     * @param page the time for a page
     * @param pause the pause before a busy server is asked again; it doubles
     */
    public record Times(Duration page, Duration pause) {
        /** The times of a command. */
        public static final Times DEFAULT = new Times(Duration.ofMinutes(1), Duration.ofSeconds(1));
    }

    /** The reader that has chosen the objects of a shard. */
    public enum ShardedBy {
        /** The whole collection was asked for. */
        NOTHING,
        /** The server sends the shard alone, and says so. */
        SERVER,
        /**
         * The server does not say that it sends the shard alone: it sends everything, or the shard of a collection of custom
         * resources, of which kube-apiserver 1.36 never says so.
         */
        CLIENT
    }

    /**
     * The way in which a collection has come.
     *
     * @param version its resource version, from which a watch can go on
     * @param pages the number of pages
     * @param begins the number of times that it was begun
     * @param shardedBy the side that has chosen the objects
     */
    public record Outcome(String version, int pages, int begins, ShardedBy shardedBy) {}

    /**
     * @param path the path of the collection, with a query or without
     * @param inProtobuf true to ask for protobuf, which objects of custom resources do not have
     * @param shard the part that is wanted; empty for all
     * @param pageSize the most objects in a page
     */
    public ObjectList(
            ApiServer server,
            String path,
            boolean inProtobuf,
            Optional<ShardSelector> shard,
            int pageSize,
            Times times) {
        this.server = server;
        this.path = path;
        this.inProtobuf = inProtobuf;
        this.shard = shard;
        this.pageSize = pageSize;
        this.times = times;
    }

    /**
     * Reads the collection.
     *
     * @param items takes the objects; where a shard is wanted also those of other shards, if the server does not know shards
     * @throws IOException if the server does not answer in time, or with a failure
     */
    public Outcome read(ListItems items) throws IOException {
        while (true) {
            begins++;
            items.begin();
            try {
                return whole(items);
            } catch (ApiException e) {
                if (!e.isExpired() || begins == MOST_BEGINS) {
                    throw e;
                }
            }
        }
    }

    private Outcome whole(ListItems items) throws IOException {
        String wanted = shard.map(ShardSelector::text).orElse("");
        boolean isSharded = true;
        ListEnd end = ListEnd.NONE;
        do {
            ListEnd next = page(end.next(), wanted, items);
            pages++;
            isSharded &= next.shard().equals(wanted);
            if (next.next().equals(end.next()) && !next.next().isEmpty()) {
                throw new IOException("the API server's list does not end");
            }
            end = next;
        } while (!end.next().isEmpty());
        ShardedBy by = wanted.isEmpty() ? ShardedBy.NOTHING : isSharded ? ShardedBy.SERVER : ShardedBy.CLIENT;
        return new Outcome(end.version(), pages, begins, by);
    }

    private ListEnd page(String next, String wanted, ListItems items) throws IOException {
        String query = path + (path.contains("?") ? "&" : "?") + "limit=" + pageSize
                + (next.isEmpty() ? "" : "&continue=" + ApiServer.encoded(next))
                + (wanted.isEmpty() ? "" : "&shardSelector=" + ApiServer.encoded(wanted));
        Deadline deadline = Deadline.in(times.page());
        try (ApiServer.Answer answer = opened(query, deadline)) {
            return answer.wire().list(answer.body(), items, deadline);
        }
    }

    /** Asks for a page, again where the server is busy: not one byte of it has come then. */
    private ApiServer.Answer opened(String query, Deadline deadline) throws IOException {
        Duration pause = times.pause();
        for (int tries = 1; ; tries++) {
            try {
                return server.open(query, inProtobuf ? ACCEPTED : Wire.JSON, deadline);
            } catch (ApiException e) {
                if (!e.isBusy() || tries == MOST_TRIES) {
                    throw e;
                }
            }
            try {
                Thread.sleep(pause);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
            pause = pause.multipliedBy(2);
        }
    }
}
