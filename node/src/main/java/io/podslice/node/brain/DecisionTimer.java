package io.podslice.node.brain;

import java.time.Duration;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Ends decisions that take too long. Its thread is a platform thread and starts another one for each decision that it ends,
 * so that budgets are kept while decisions burn every processor and every carrier of virtual threads.
 *
 * <p>Nearly every decision ends in time, and nearly all have equal budgets. So the thread is woken only for an end that is
 * earlier than the one it sleeps to, and an end that is called off wakes nothing: under steady load it wakes once per budget.
 * The JDK's scheduled executor wakes its thread for each task that becomes the first in its queue, here nearly every one.
 */
final class DecisionTimer {
    /** The time from one look to the next at a wait that may end early. */
    static final Duration LOOK = Duration.ofSeconds(1);

    private static final long KEEP_ALIVE_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** Guards everything below. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition earlier = lock.newCondition();

    private final TreeSet<End> ends = new TreeSet<>();

    private boolean running;

    /** The time to which the thread sleeps, of {@link System#nanoTime}. */
    private long sleepsTo;

    private long count;

    /** The end of a decision's time. */
    final class End implements Comparable<End> {
        private final long at;
        private final long number;
        private final Runnable action;

        private End(long at, long number, Runnable action) {
            this.at = at;
            this.number = number;
            this.action = action;
        }

        /** Calls it off, for a decision in time; does nothing once the action has been started. */
        void callOff() {
            lock.lock();
            try {
                ends.remove(this);
            } finally {
                lock.unlock();
            }
        }

        @Override
        public int compareTo(End other) {
            long difference = at - other.at; // nanoTime may overflow
            return difference == 0 ? Long.compare(number, other.number) : Long.signum(difference);
        }
    }

    /** Runs the action on a thread of its own after that time. */
    End after(Duration time, Runnable action) {
        lock.lock();
        try {
            End end = new End(System.nanoTime() + Math.max(0, time.toNanos()), count++, action);
            ends.add(end);
            if (!running) {
                running = true;
                sleepsTo = end.at;
                Thread.ofPlatform().daemon().name("decision-timer").start(this::run);
            } else if (end.at - sleepsTo < 0) {
                sleepsTo = end.at;
                earlier.signal();
            }
            return end;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Runs the action on a thread of its own once the time is over, or earlier, at one of the looks that come every second.
     *
     * @param left the time that is left
     * @param over tells at a look if the action is due at once
     * @return the end of the wait until the first look; once that has come, {@code over} must tell of a decision in time
     */
    End after(Supplier<Duration> left, BooleanSupplier over, Runnable action) {
        Duration now = left.get();
        return now.compareTo(LOOK) <= 0
                ? after(now, action)
                : after(LOOK, () -> {
                    if (over.getAsBoolean()) {
                        action.run();
                    } else {
                        var _ = after(left, over, action);
                    }
                });
    }

    private void run() {
        lock.lock();
        try {
            long idleTo = System.nanoTime() + KEEP_ALIVE_NANOS;
            while (!ends.isEmpty() || System.nanoTime() - idleTo < 0) {
                long now = System.nanoTime();
                sleepsTo = ends.isEmpty() ? idleTo : ends.first().at;
                if (ends.isEmpty() || sleepsTo - now > 0) {
                    idleTo = ends.isEmpty() ? idleTo : sleepsTo + KEEP_ALIVE_NANOS;
                    earlier.awaitNanos(sleepsTo - now);
                } else {
                    start(ends.removeFirst().action);
                }
            }
        } catch (InterruptedException e) {
            // Nothing interrupts it.
            throw new IllegalStateException(e);
        } finally {
            running = false;
            lock.unlock();
        }
    }

    private static void start(Runnable action) {
        try {
            Thread.ofPlatform().daemon().name("decision-late").start(action);
        } catch (Error e) {
            // No thread left: the process ends, in that handler. Where it does not, as in tests, other ends still
            // count.
            Thread timing = Thread.currentThread();
            timing.getUncaughtExceptionHandler().uncaughtException(timing, e);
        }
    }
}
