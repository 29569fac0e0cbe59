package io.podslice.agent.cli;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Gives the system back what a burst of calls has made the heap take. The serial collector makes its heap smaller only in
 * a full collection, and makes one only when the heap is full: without this, a few messages of megabytes stay resident for
 * ever. A collection of what podslice holds takes some 20 ms, so there is one only after the heap has grown and has then
 * stood still, and one more after that: what a connection holds is let go only when it is found to be gone.
 */
public final class HeapRest {
    /** A heap up to this size is left alone: the one that the process starts with, 10 MiB, and half as much. */
    static final long LEAST_BYTES = 15L << 20;

    /** The least growth, since the last collection of this class, that is worth another. */
    static final long STEP_BYTES = 4L << 20;

    /** Time between looks. */
    static final Duration PAUSE = Duration.ofSeconds(5);

    /** The number of looks after a collection at which there is no other. */
    static final int LOOKS_OF_REST = 6;

    private final LongSupplier taken;
    private final Runnable collect;
    private long before;
    private long left;
    private int rest;
    private boolean isOwedAnother;

    /**
     * @param taken the bytes of the heap that the system has given
     * @param collect makes a full collection
     */
    HeapRest(LongSupplier taken, Runnable collect) {
        this.taken = taken;
        this.collect = collect;
    }

    /** Begins to look, for as long as the process lives. */
    public static void start() {
        HeapRest its = new HeapRest(Runtime.getRuntime()::totalMemory, System::gc);
        Thread.ofVirtual().name("heap-rest").start(its::run);
    }

    private void run() {
        try {
            while (true) {
                Thread.sleep(PAUSE);
                look();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // no caller does so
        }
    }

    /** Looks once, and collects if that is worth it. */
    void look() {
        long now = taken.getAsLong();
        boolean stands = now == before;
        before = now;
        if (rest > 0) {
            rest--;
        } else if (stands && now > LEAST_BYTES && (isOwedAnother || now >= left + STEP_BYTES)) {
            isOwedAnother = now >= left + STEP_BYTES;
            collect.run();
            left = taken.getAsLong();
            before = left;
            rest = LOOKS_OF_REST;
        }
    }
}
