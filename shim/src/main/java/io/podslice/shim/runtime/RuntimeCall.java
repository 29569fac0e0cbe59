package io.podslice.shim.runtime;

import io.podslice.grpc.GrpcCall;
import io.podslice.grpc.GrpcResponse;
import io.podslice.grpc.GrpcStatus;
import io.podslice.grpc.Header;
import io.podslice.grpc.UnixSocket;
import io.podslice.shim.tap.Decision;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One unary call of podslice's own to the runtime. For one call; {@link #cancel} may be called by any thread, the rest by
 * one.
 */
public final class RuntimeCall {

    /**
     * The end of the call.
     *
     * @param response what the runtime answered, field by field, for a client to get in its place
     */
    public record Result(GrpcResponse response) {

        private static final String NOT_IMPLEMENTED = "not implemented";

        /** Tells whether the call succeeded. */
        public boolean isOk() {
            return response.isOk();
        }

        /** Tells whether the runtime does not have what it was asked about. */
        public boolean isNotFound() {
            return response.status().isNotFound();
        }

        /**
         * Tells whether the runtime does not have the method: UNIMPLEMENTED, or UNKNOWN with "not implemented", as
         * containerd 2.2 answers.
         */
        public boolean lacksMethod() {
            GrpcStatus status = response.status();
            return status.code() == GrpcStatus.UNIMPLEMENTED
                    || (status.code() == GrpcStatus.UNKNOWN && status.message().contains(NOT_IMPLEMENTED));
        }

        /** Returns the reply of a call that succeeded; empty bytes for one that did not. */
        ByteBuffer message() {
            return response.reply();
        }

        /** Returns the status for a log line: the code and its text. */
        String end() {
            return response.status().code() + ", " + response.status().message();
        }

        /** Makes the reply that ends a client's call like this one: with the runtime's response where there is one. */
        public Decision.Reply reply() {
            return response.isAnswered()
                    ? new Decision.Relay(response.headers(), response.message(), response.trailers())
                    : new Decision.Fail(response.status());
        }
    }

    private final GrpcCall call;

    /** @param runtime the runtime's own socket, which is connected to once the call is made */
    public RuntimeCall(UnixSocket runtime) {
        this.call = new GrpcCall(runtime);
    }

    /** Ends the call if it is under way; it then fails with an exception, as does a call that begins later. */
    public void cancel() {
        call.cancel();
    }

    /**
     * Makes a client's call in its place, with its metadata and content-type, and with what is left of its deadline.
     *
     * @param path {@code /package.Service/Method}
     * @param headers the client's, pseudo-header fields too
     * @param patience the time for which the client waits; empty if it waits for ever
     * @param begunNanos the {@link System#nanoTime} at which that time began to run
     * @throws IOException if the runtime cannot be reached, the connection breaks, or the call is cancelled
     */
    public Result repeat(
            String path, List<Header> headers, ByteBuffer message, Optional<Duration> patience, long begunNanos)
            throws IOException {
        long passed = (System.nanoTime() - begunNanos) / 1_000_000;
        long left = patience.map(time -> Math.max(1, time.toMillis() - passed)).orElse(0L);
        return new Result(call.unary(path, headers, message, left));
    }

    /**
     * Calls a method of the runtime and waits for its end.
     *
     * @param path {@code /package.Service/Method}
     * @param timeoutMillis the deadline that the runtime is told, and after which the call ends with DEADLINE_EXCEEDED;
     *     0: none
     * @throws IOException if the runtime cannot be reached, or the connection breaks, or the call is cancelled
     */
    Result ask(String path, ByteBuffer message, long timeoutMillis) throws IOException {
        return new Result(call.unary(path, List.of(), message, timeoutMillis));
    }
}
