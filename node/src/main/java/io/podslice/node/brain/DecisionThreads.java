package io.podslice.node.brain;

import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The platform threads on which the brain works for callers that wait for it, and the count of decisions that callers make
 * on threads of their own. Work that burns a processor on a virtual thread would keep one of the carriers, of which there are
 * as many as processors, and with them every door; the kernel's scheduler takes a processor from a platform thread in time
 * (docs/decisions).
 */
final class DecisionThreads {
    /**
     * Decisions that run at a time; the brain has one lock, so most of them wait for it, or for memory to be reclaimed.
     */
    private static final int MOST_THREADS = 32;

    /** Decisions that run or wait for a thread; beyond that the brain hangs, and no more are begun. */
    static final int MOST_BEGUN = 256;

    private static final int KEEP_ALIVE_SECONDS = 10;

    private final Semaphore free = new Semaphore(MOST_BEGUN);
    private final ForkJoinPool pool = new ForkJoinPool(
            MOST_THREADS,
            DecisionThread::new,
            null,
            true,
            0,
            MOST_THREADS,
            1,
            null,
            KEEP_ALIVE_SECONDS,
            TimeUnit.SECONDS);

    private static final class DecisionThread extends ForkJoinWorkerThread {
        DecisionThread(ForkJoinPool pool) {
            super(pool);
            setName("decide");
        }
    }

    /**
     * Counts a decision that the calling thread itself is about to make.
     *
     * @return false if too many have begun and not ended; else {@link #leave} must follow
     */
    boolean enter() {
        return free.tryAcquire();
    }

    /** Ends what {@link #enter} has begun. */
    void leave() {
        free.release();
    }

    /**
     * Runs a task soon.
     *
     * @param task must not throw
     * @return false if too many have begun and not ended; the task is not run
     */
    boolean begin(Runnable task) {
        if (!free.tryAcquire()) {
            return false;
        }
        try {
            pool.execute(() -> {
                try {
                    task.run();
                } finally {
                    free.release();
                }
            });
            return true;
        } catch (RejectedExecutionException e) {
            free.release();
            return false;
        }
    }
}
