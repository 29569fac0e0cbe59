package io.podslice.shim.tap;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The time at which a client gives its call up. Guarded by the connection's lock. */
final class Deadline {
    private final long begunNanos = System.nanoTime();
    private final @Nullable Duration timeout;
    private @Nullable CompletableFuture<Boolean> running;

    /** @param timeout from now on; null: the client waits for ever */
    Deadline(@Nullable Duration timeout) {
        this.timeout = timeout;
    }

    /** Has the action run at the deadline, on the executor, unless it is cancelled before. */
    void start(Executor executor, Runnable action) {
        if (timeout != null && running == null) {
            long left = timeout.minusNanos(System.nanoTime() - begunNanos).toMillis();
            CompletableFuture<Boolean> passed = new CompletableFuture<>();
            running = passed;
            passed.completeOnTimeout(true, Math.max(1, left), TimeUnit.MILLISECONDS)
                    .thenRunAsync(action, executor)
                    .exceptionally(cancelled -> null);
        }
    }

    void cancel() {
        if (running != null) {
            running.cancel(false);
        }
    }
}
