package io.podslice.nri.mux;

import java.time.Duration;

/** For how long something that should be over soon has been going on. Begun and ended by one thread, looked at by another. */
final class Stall {
    private static final long NOT = Long.MIN_VALUE;

    private final long patience;
    private volatile long since = NOT;

    Stall(Duration patience) {
        this.patience = patience.toNanos();
    }

    void begins() {
        since = System.nanoTime();
    }

    void ends() {
        since = NOT;
    }

    boolean isOver() {
        long begun = since;
        return begun != NOT && System.nanoTime() - begun > patience;
    }
}
