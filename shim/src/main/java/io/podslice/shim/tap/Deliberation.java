package io.podslice.shim.tap;

import io.podslice.grpc.GrpcStatus;
import io.podslice.grpc.Header;
import io.podslice.shim.tap.Decision.Fail;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Asks a handler to decide on a held call, on a thread of its own. */
final class Deliberation implements HeldCall {
    private static final Logger LOG = LoggerFactory.getLogger(Deliberation.class);

    private static final byte[] TIMEOUT = "grpc-timeout".getBytes(StandardCharsets.US_ASCII);

    private final Call call;
    private final Held handler;
    private final Verdicts verdicts;
    private final List<Runnable> cancelActions = new ArrayList<>();
    private final AtomicBoolean decided = new AtomicBoolean();
    private boolean cancelled;
    private volatile @Nullable ByteBuffer message;

    /** Receives the decision. */
    interface Verdicts {
        /** Called without the connection's lock, once. */
        void decided(Decision decision);
    }

    Deliberation(Call call, Held handler, Verdicts verdicts) {
        this.call = call;
        this.handler = handler;
        this.verdicts = verdicts;
    }

    /** Begins to decide; the call's message must be whole. */
    void begin() {
        call.connection.spare(this::decide);
    }

    private void decide() {
        try {
            Message request = call.requestMessage();
            boolean grows = request.isCompressed() && !call.connection.held.isSmall(request.plainLength());
            if (grows) {
                call.connection.held.runAlone(() -> decide(request));
            } else {
                decide(request);
            }
        } catch (Message.Unreadable e) {
            decided(new Fail(e.status()));
        } catch (Exception e) {
            LOG.error("{}: the decision failed", call.path, e);
            decided(new Fail(new GrpcStatus(GrpcStatus.INTERNAL, "podslice failed: " + e)));
        }
    }

    private void decide(Message request) throws Exception {
        message = request.plain();
        handler.decide(this, this::decided);
    }

    private void decided(Decision decision) {
        if (decided.compareAndSet(false, true)) {
            verdicts.decided(decision);
        }
    }

    /** Notes that the call was cancelled before it was decided. Called with the connection's lock held. */
    void cancel() {
        cancelled = true;
        cancelActions.forEach(this::runCancel);
        cancelActions.clear();
    }

    /** Notes that the call cannot be cancelled any more. Called with the connection's lock held. */
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
    public Optional<Duration> patience() {
        long millis = GrpcTimeout.millis(call.head.value(TIMEOUT));
        return millis == 0 ? Optional.empty() : Optional.of(Duration.ofMillis(millis));
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
