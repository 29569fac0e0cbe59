package io.podslice.node.brain;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Ends decisions that take too long. Its thread is a platform thread and starts another one for each decision that it ends,
 * so that budgets are kept while decisions burn every processor and every carrier of virtual threads.
 */
final class DecisionTimer {
    private static final int KEEP_ALIVE_SECONDS = 10;

    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("decision-timer").factory());

    DecisionTimer() {
        timer.setRemoveOnCancelPolicy(true);
        timer.setKeepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS);
        timer.allowCoreThreadTimeOut(true);
    }

    /**
     * Runs the action on a thread of its own after that time.
     *
     * @return cancelled by a decision in time
     */
    Future<?> after(Duration time, Runnable action) {
        return timer.schedule(
                () -> {
                    try {
                        Thread.ofPlatform().daemon().name("decision-late").start(action);
                    } catch (Error e) {
                        // The executor would keep it to itself.
                        Thread timing = Thread.currentThread();
                        timing.getUncaughtExceptionHandler().uncaughtException(timing, e);
                    }
                },
                Math.max(0, time.toNanos()),
                TimeUnit.NANOSECONDS);
    }
}
