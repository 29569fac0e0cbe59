package io.podslice.shim.tap;

import io.podslice.grpc.Header;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A call whose request message is whole and waits for a {@link Decision}. */
public interface HeldCall {

    /** The method as the client named it: {@code /package.Service/Method}. */
    String path();

    /** The request's header fields in the order sent, pseudo-header fields too. */
    List<Header> headers();

    /**
     * The time for which the client waits for its answer, counted from the call, at least 1 ms. Empty for a client that
     * waits for ever, or whose {@code grpc-timeout} cannot be read.
     */
    Optional<Duration> patience();

    /** The request message, uncompressed, from position to limit; read-only. */
    ByteBuffer message();

    /**
     * Runs the action once the client has cancelled the call or its connection is gone; at once if that has happened.
     * The action runs on a thread of its own. A call that has been answered or passed on is no longer held: nothing
     * runs then.
     */
    void onCancel(Runnable action);
}
