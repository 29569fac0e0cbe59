package io.podslice.node.state;

import java.time.Duration;

/**
 * Numbers the states of the node: each change has a higher number. Numbers start at the clock's microseconds, so that
 * those after a restart are higher than all before it, and a client that remembers one from before finds it out of
 * date.
 */
public final class Revisions {
    private long current;

    /** @param startMillis the clock, in milliseconds since 1970 */
    public Revisions(long startMillis) {
        this.current = startMillis * 1_000;
    }

    /** Returns the revision of the present state. */
    public synchronized long current() {
        return current;
    }

    /** Counts a change of the state, and wakes the threads that wait for one. Never blocks. */
    synchronized void changed() {
        current++;
        notifyAll();
    }

    /**
     * Waits until the current revision differs from the given one, or the time is over, and returns the revision at
     * that moment.
     */
    public synchronized long awaitOther(long revision, Duration atMost) throws InterruptedException {
        long deadline = System.nanoTime() + atMost.toNanos();
        for (long left = atMost.toMillis(); current == revision && left > 0; ) {
            wait(left);
            left = (deadline - System.nanoTime()) / 1_000_000;
        }
        return current;
    }
}
