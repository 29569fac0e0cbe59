package io.podslice.simulator.apiserver;

import java.time.Duration;

/**
 * Properties of an API server.
 *
 * @param watchList true if a watch may begin with all pods: sendInitialEvents, in beta from 1.34 on
 * @param protobuf true if it writes protobuf where a client accepts that
 * @param bookmarkEvery the time between two bookmarks of a watch; about a minute in a real one
 * @param keptEvents number of changes from which a watch can go on
 * @param shards true if it heeds {@code shardSelector} in lists and watches; alpha, and off, in 1.36
 */
public record ApiOptions(boolean watchList, boolean protobuf, Duration bookmarkEvery, int keptEvents, boolean shards) {

    /** A server of 1.36. */
    public static final ApiOptions DEFAULT = new ApiOptions(true, true, Duration.ofMinutes(1), 1000, false);

    /** Returns these options without the watch that begins with all pods. */
    public ApiOptions withoutWatchList() {
        return new ApiOptions(false, protobuf, bookmarkEvery, keptEvents, shards);
    }

    /** Returns these options with JSON alone. */
    public ApiOptions withoutProtobuf() {
        return new ApiOptions(watchList, false, bookmarkEvery, keptEvents, shards);
    }

    /** Returns these options with another time between bookmarks. */
    public ApiOptions bookmarkEvery(Duration time) {
        return new ApiOptions(watchList, protobuf, time, keptEvents, shards);
    }

    /** Returns these options with another number of changes that are kept. */
    public ApiOptions keeping(int events) {
        return new ApiOptions(watchList, protobuf, bookmarkEvery, events, shards);
    }

    /** Returns these options with the feature gate ShardedListAndWatch. */
    public ApiOptions withShards() {
        return new ApiOptions(watchList, protobuf, bookmarkEvery, keptEvents, true);
    }
}
