package io.podslice.shim.tap;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/** Runs a handler's code on a virtual thread of its own, and waits for it no longer than a budget. */
final class Bounded {
    private Bounded() {}

    /**
     * Starts the task.
     *
     * @param task must not throw
     * @param after run once: when the task has ended, or when the budget is used up and it has not; the task then goes
     *     on by itself
     */
    static void run(String name, Duration budget, Runnable task, Runnable after) {
        AtomicBoolean first = new AtomicBoolean();
        Runnable once = () -> {
            if (first.compareAndSet(false, true)) {
                after.run();
            }
        };
        Thread worker = Thread.ofVirtual().name(name).unstarted(() -> {
            try {
                task.run();
            } finally {
                once.run();
            }
        });
        worker.start();
        Thread.ofVirtual().name(name + " budget").start(() -> {
            try {
                if (!worker.join(budget)) {
                    once.run();
                }
            } catch (InterruptedException e) {
                once.run();
            }
        });
    }
}
