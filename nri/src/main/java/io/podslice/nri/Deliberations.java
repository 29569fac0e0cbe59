package io.podslice.nri;

import io.podslice.node.Completion;
import io.podslice.node.Verdict;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the brain, and waits no longer than the runtime does: a plugin whose answer comes after the runtime's deadline is
 * closed and its pods run unpinned, so an answer must come before, whatever it is. What the brain is at goes on, and its
 * late verdict is put to whoever asked, once.
 */
final class Deliberations {
    private static final Logger log = LoggerFactory.getLogger(Deliberations.class);

    /** Decisions at once that nobody waits for any more; beyond that the brain hangs, and is asked no more. */
    private static final int MAX_LATE = 256;

    private final Semaphore free = new Semaphore(MAX_LATE);

    /** No verdict in time. */
    static final class TooLateException extends Exception {
        private static final long serialVersionUID = 1L;

        TooLateException(String message) {
            super(message);
        }
    }

    /**
     * Decides, within the budget.
     *
     * @param decision asks the brain
     * @param settle what follows from a verdict in time; called on the decision's thread
     * @param tooLate what follows from one that is not; likewise
     * @throws TooLateException if there is none in time
     */
    <T> T within(
            String what,
            Duration budget,
            Supplier<Verdict> decision,
            Function<Verdict, T> settle,
            Consumer<Verdict> tooLate)
            throws TooLateException {
        if (!free.tryAcquire()) {
            throw new TooLateException(MAX_LATE + " decisions are still being made");
        }
        AtomicBoolean taken = new AtomicBoolean();
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread.ofVirtual().name("nri " + what).start(() -> {
            try {
                Verdict verdict = decision.get();
                if (taken.compareAndSet(false, true)) {
                    result.complete(settle.apply(verdict));
                } else {
                    log.warn("{}: decided too late, after the runtime was answered", what);
                    tooLate.accept(verdict);
                }
            } catch (RuntimeException e) {
                log.error("{}: {}", what, e.getMessage(), e);
                result.completeExceptionally(e);
            } finally {
                free.release();
            }
        });
        try {
            return result.get(budget.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            // A verdict that is being settled right now counts, and settling it takes no longer than a few writes.
            if (taken.compareAndSet(false, true)) {
                throw new TooLateException("no decision within " + budget.toMillis() + " ms");
            }
            return settling(result, budget);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TooLateException("interrupted");
        }
    }

    private static <T> T settling(CompletableFuture<T> result, Duration budget) throws TooLateException {
        try {
            // The budget is three quarters of what there was.
            return result.get(budget.toNanos() / 4, TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new TooLateException("decided, but not written within " + budget.toMillis() + " ms");
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TooLateException("interrupted");
        }
    }

    /** Tells the brain of something that has happened, and waits for it to take note no longer than the budget. */
    void event(String what, Duration budget, Runnable event) {
        try {
            within(
                    what,
                    budget,
                    () -> {
                        event.run();
                        return new Verdict.Proceed(null, Completion.NONE);
                    },
                    verdict -> verdict,
                    verdict -> {});
        } catch (TooLateException e) {
            log.warn("{}: {}; it goes on behind", what, e.getMessage());
        }
    }
}
