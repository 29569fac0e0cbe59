package io.podslice.node.state;

import java.time.Duration;

/**
 * Numbers the states of the node: each change has a higher one. They go on from the clock's microseconds, so that those
 * after a restart are higher than all before it, and a client that remembers one from before finds it out of date.
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

    /** Takes note that the state has changed. Wakes the threads that wait, and never waits itself. */
    synchronized void changed() {
        current++;
        notifyAll();
    }

    /** Waits until the revision is not this one, or the time is over; returns the revision then. */
    public synchronized long awaitOther(long revision, Duration atMost) throws InterruptedException {
        long deadline = System.nanoTime() + atMost.toNanos();
        for (long left = atMost.toMillis(); current == revision && left > 0; ) {
            wait(left);
            left = (deadline - System.nanoTime()) / 1_000_000;
        }
        return current;
    }
}
