package io.podslice.cluster.apiserver;

import java.time.Duration;

/**
 * The state of the watch.
 *
 * @param kind the kind of state
 * @param currentFrom the time from which the cache counts as caught up, as {@link System#nanoTime} counts; the last event's
 *     where there was one
 */
record WatchState(Kind kind, long currentFrom) {
    static final WatchState NONE = new WatchState(Kind.NONE, 0);
    static final WatchState INITIAL = new WatchState(Kind.INITIAL, 0);

    enum Kind {
        /** There is no watch. */
        NONE,
        /** Every pod is being sent. */
        INITIAL,
        /** Changes are being sent. */
        OPEN
    }

    static WatchState open(long currentFrom) {
        return new WatchState(Kind.OPEN, currentFrom);
    }

    boolean isOpen() {
        return kind != Kind.NONE;
    }

    /** @param doubt the time without an event after which a watch may be dead */
    boolean isCurrent(long now, Duration doubt) {
        return kind == Kind.OPEN && now - currentFrom >= 0 && now - currentFrom < doubt.toNanos();
    }
}
