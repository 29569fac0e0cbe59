package io.podslice.simulator.apiserver;

import java.time.Duration;

/**
 * Properties of an API server.
 *
 * @param watchList true if a watch may begin with all pods: sendInitialEvents, in beta from 1.34 on
 * @param protobuf true if it writes protobuf where a client accepts that
 * @param bookmarkEvery the time between two bookmarks of a watch; about a minute in a real one
 * @param keptEvents number of changes from which a watch can go on
 */
public record ApiOptions(boolean watchList, boolean protobuf, Duration bookmarkEvery, int keptEvents) {

    /** A server of 1.36. */
    public static final ApiOptions DEFAULT = new ApiOptions(true, true, Duration.ofMinutes(1), 1000);

    /** Returns these options without the watch that begins with all pods. */
    public ApiOptions withoutWatchList() {
        return new ApiOptions(false, protobuf, bookmarkEvery, keptEvents);
    }

    /** Returns these options with JSON alone. */
    public ApiOptions withoutProtobuf() {
        return new ApiOptions(watchList, false, bookmarkEvery, keptEvents);
    }

    /** Returns these options with another time between bookmarks. */
    public ApiOptions bookmarkEvery(Duration time) {
        return new ApiOptions(watchList, protobuf, time, keptEvents);
    }

    /** Returns these options with another number of changes that are kept. */
    public ApiOptions keeping(int events) {
        return new ApiOptions(watchList, protobuf, bookmarkEvery, events);
    }
}
