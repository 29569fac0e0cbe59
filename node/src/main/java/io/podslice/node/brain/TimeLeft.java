package io.podslice.node.brain;

import io.podslice.node.TimeLimit;
import java.time.Duration;

/** The time that is left of a request's limit. One thread counts; others may look once podslice can decide. */
final class TimeLeft {
    private final TimeLimit limit;
    /** The end by {@link System#nanoTime}: of the wait for the state, and once podslice can decide of the decision. */
    private long end;
    /** The part of the limit that ends first. */
    private Duration counts;

    /**
     * @param canDecide true if podslice can decide at the call
     * @param begun the time of the call by {@link System#nanoTime}
     */
    TimeLeft(TimeLimit limit, boolean canDecide, long begun) {
        this.limit = limit;
        this.counts = canDecide ? limit.decision() : limit.opening();
        this.end = begun + counts.toNanos();
    }

    /** Begins to count the decision's time after a wait: podslice can decide from now on. */
    void canDecide() {
        long decided = System.nanoTime() + limit.decision().toNanos();
        if (decided - end < 0) {
            end = decided;
            counts = limit.decision();
        }
    }

    /** Returns the time left; negative once it is over. */
    Duration left() {
        return Duration.ofNanos(end - System.nanoTime());
    }

    /** Returns the longest time for a decision, and for what follows from the runtime's answer to it. */
    Duration ofDecision() {
        return limit.decision();
    }

    /** Returns the reason of a request that could not wait for the state any longer. */
    String stillOpening() {
        return "it is still reading its state, after " + counts.toMillis() + " ms";
    }

    /** Returns the reason of a request whose time is over. */
    String undecided() {
        return "no decision within " + counts.toMillis() + " ms";
    }
}
