package io.podslice.shim.tap;

import java.nio.ByteBuffer;
import java.util.List;

/** A call whose request message is whole and waits for a {@link Decision}. */
public interface HeldCall {

    /** The method as the client named it: {@code /package.Service/Method}. */
    String path();

    /** The request's header fields in the order sent, pseudo-header fields too. */
    List<Header> headers();

    /** The request message, uncompressed, from position to limit; read-only. */
    ByteBuffer message();

    /**
     * Runs the action once the client has cancelled the call or its connection is gone; at once if that has happened.
     * The action runs on a thread of its own. A call that has been answered or passed on is no longer held: nothing
     * runs then.
     */
    void onCancel(Runnable action);
}
