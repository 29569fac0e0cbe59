package io.podslice.nri.mux;

import java.time.Duration;

/**
 * Measures the time for which an operation has been going on that should end soon. One thread begins and ends it,
 * another reads the time.
 */
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
