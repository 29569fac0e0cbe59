package io.podslice.node.brain;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * One piece of work that is waited for no longer than its time. Its result goes to exactly one of two: to the caller
 * that waits, or to a handler of late results.
 */
final class Timely<T> {
    private final AtomicBoolean taken = new AtomicBoolean();
    private final CompletableFuture<T> result = new CompletableFuture<>();

    /** There is no result in time. */
    static final class TooLateException extends Exception {
        private static final long serialVersionUID = 1L;

        TooLateException(String message) {
            super(message);
        }
    }

    /**
     * Does the work, on the thread that calls.
     *
     * @param late gets a result that the caller has stopped waiting for
     */
    void run(Supplier<T> work, Consumer<T> late) {
        T value = work.get();
        if (taken.compareAndSet(false, true)) {
            result.complete(value);
        } else {
            late.accept(value);
        }
    }

    /**
     * Waits for the result.
     *
     * @throws TooLateException if the time is over, or the caller is interrupted; the late handler gets the result then
     */
    T await(Duration atMost) throws TooLateException {
        try {
            return result.get(Math.max(0, atMost.toNanos()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return giveUp("no decision within " + atMost.toMillis() + " ms");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return giveUp("interrupted");
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    /**
     * Waits for the result, with a look every second that may end the wait early.
     *
     * @param left the time that is left
     * @param givesUp tells at a look if there is no point in waiting on
     * @throws TooLateException as {@link #await(Duration)}
     */
    T await(Supplier<Duration> left, BooleanSupplier givesUp) throws TooLateException {
        while (left.get().compareTo(DecisionTimer.LOOK) > 0) {
            try {
                return result.get(DecisionTimer.LOOK.toNanos(), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                if (givesUp.getAsBoolean()) {
                    return giveUp("what decisions wait for does not answer");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return giveUp("interrupted");
            } catch (ExecutionException e) {
                throw new IllegalStateException(e.getCause());
            }
        }
        return await(left.get());
    }

    /** Gives up unless the result is just being handed over. */
    private T giveUp(String why) throws TooLateException {
        if (taken.compareAndSet(false, true)) {
            throw new TooLateException(why);
        }
        return result.join();
    }
}
