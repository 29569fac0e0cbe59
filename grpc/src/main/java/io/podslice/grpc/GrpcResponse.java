package io.podslice.grpc;

import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The end of a unary call.
 *
 * @param status its status; UNAVAILABLE where the server ended the stream without one
 * @param headers fields of the block that opens the response; empty where the server sent trailers only
 * @param message the reply, uncompressed, whatever the status; null where the server sent none
 * @param trailers fields of the block that ends the response; empty where it ended without one
 */
public record GrpcResponse(
        GrpcStatus status, List<Header> headers, @Nullable ByteBuffer message, List<Header> trailers) {

    /** Makes the end of a call to which the server gave no answer: it reset the stream, or the deadline passed. */
    static GrpcResponse unanswered(GrpcStatus status) {
        return new GrpcResponse(status, List.of(), null, List.of());
    }

    /** Tells whether the call succeeded. */
    public boolean isOk() {
        return status.isOk();
    }

    /** Tells whether the server came to an answer, OK or an error. */
    public boolean isAnswered() {
        return !headers.isEmpty() || !trailers.isEmpty();
    }

    /** Returns the reply of a call that succeeded; empty bytes for one that did not. */
    public ByteBuffer reply() {
        return message == null || !status.isOk() ? ByteBuffer.allocate(0) : message;
    }
}
