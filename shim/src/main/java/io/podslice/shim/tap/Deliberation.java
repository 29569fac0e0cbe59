package io.podslice.shim.tap;

import io.podslice.shim.tap.Decision.Fail;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks a handler what becomes of a held call, on a thread of its own and no longer than the budget. What the handler
 * says first counts; a fault of the handler, or its silence, is put to it once more as such.
 */
final class Deliberation implements HeldCall {
    private static final Logger LOG = LoggerFactory.getLogger(Deliberation.class);

    private final Call call;
    private final Held handler;
    private final Verdicts verdicts;
    private final AtomicBoolean decided = new AtomicBoolean();
    private final List<Runnable> cancelActions = new ArrayList<>();
    private boolean cancelled;
    /** Written by the thread that decides, and read by the one that waits for it no longer. */
    private volatile @Nullable ByteBuffer message;

    /** Hears what was decided. */
    interface Verdicts {
        /** Called without the connection's lock; {@code first}: nothing was decided before. */
        void decided(Decision decision, boolean first);
    }

    Deliberation(Call call, Held handler, Verdicts verdicts) {
        this.call = call;
        this.handler = handler;
        this.verdicts = verdicts;
    }

    /** Begins; the call's message is whole. */
    void begin() {
        Bounded.run("decide " + call.path, call.connection.options.decisionBudget(), this::decide, this::outOfTime);
    }

    private void decide() {
        Decision decision;
        try {
            read();
            decision = handler.decide(this);
        } catch (Message.Unreadable e) {
            decision = new Fail(e.status());
        } catch (Throwable e) {
            LOG.error("{}: the decision failed", call.path, e);
            decision = onFault(e);
        }
        verdicts.decided(decision, decided.compareAndSet(false, true));
    }

    /** On a machine that is too busy the time may be up before the thread that decides has begun. */
    private void read() throws Message.Unreadable {
        if (message == null) {
            message = call.requestMessage().plain();
        }
    }

    private void outOfTime() {
        if (decided.get()) {
            return;
        }
        long millis = call.connection.options.decisionBudget().toMillis();
        LOG.error("{}: no decision after {} ms", call.path, millis);
        Decision decision;
        try {
            read();
            decision = onFault(new TimeoutException("no decision after " + millis + " ms"));
        } catch (Message.Unreadable e) {
            decision = new Fail(e.status());
        }
        verdicts.decided(decision, decided.compareAndSet(false, true));
    }

    private Decision onFault(Throwable fault) {
        try {
            return handler.onFault(this, fault);
        } catch (RuntimeException e) {
            LOG.error("{}: nor can it be decided what then", call.path, e);
            return new Fail(new GrpcStatus(GrpcStatus.INTERNAL, "podslice failed: " + fault));
        }
    }

    /** The call was cancelled while somebody was at it. Called with the connection's lock held. */
    void cancel() {
        cancelled = true;
        cancelActions.forEach(this::runCancel);
        cancelActions.clear();
    }

    /** Nobody can cancel it any more. Called with the connection's lock held. */
    void close() {
        cancelActions.clear();
    }

    private void runCancel(Runnable action) {
        Thread.ofVirtual().name("cancel " + call.path).start(action);
    }

    // ---- Called by the handler, without the lock

    @Override
    public String path() {
        return call.path;
    }

    @Override
    public List<Header> headers() {
        return call.head.headers();
    }

    @Override
    public ByteBuffer message() {
        ByteBuffer read = message;
        if (read == null) {
            throw new IllegalStateException("the message of " + call.path + " is not whole");
        }
        return read.duplicate();
    }

    @Override
    public void onCancel(Runnable action) {
        call.connection.lock.lock();
        try {
            if (cancelled) {
                runCancel(action);
            } else {
                cancelActions.add(action);
            }
        } finally {
            call.connection.lock.unlock();
        }
    }
}
