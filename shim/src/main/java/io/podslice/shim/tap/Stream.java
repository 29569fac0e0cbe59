package io.podslice.shim.tap;

import org.jspecify.annotations.Nullable;

/**
 * A stream that does not simply pass: its call is intercepted, or its frames wait for the connection's window.
 * Guarded by the connection's lock.
 */
final class Stream {
    final int id;
    final Outflow toRuntime;
    final Outflow toClient;

    /** Null where nobody looks at the stream's messages. */
    final @Nullable Call call;

    /** Whether the client has ended its side. */
    boolean requestEnded;

    /** Whether the client has reset the stream. */
    boolean clientReset;

    /** Whether the runtime has ended its side. */
    boolean responseEnded;

    /** Whether the runtime has reset the stream. */
    boolean runtimeReset;

    /** Whether it is answered here: the runtime's side is reset, and what the runtime may still say is dropped. */
    boolean answered;

    Stream(int id, Outflow toRuntime, Outflow toClient, @Nullable Call call) {
        this.id = id;
        this.toRuntime = toRuntime;
        this.toClient = toClient;
        this.call = call;
    }
}
