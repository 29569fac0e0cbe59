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

    /** The stream's call; null where its messages are not looked at. */
    final @Nullable Call call;

    /** True once the client has ended its side. */
    boolean requestEnded;

    /** True once the client has reset the stream. */
    boolean clientReset;

    /** True once the runtime has ended its side. */
    boolean responseEnded;

    /** True once the runtime has reset the stream. */
    boolean runtimeReset;

    /** True once it is answered here: the runtime's side is reset, and what the runtime may still say is dropped. */
    boolean answered;

    Stream(int id, Outflow toRuntime, Outflow toClient, @Nullable Call call) {
        this.id = id;
        this.toRuntime = toRuntime;
        this.toClient = toClient;
        this.call = call;
    }
}
