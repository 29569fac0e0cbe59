package io.podslice.shim.tap;

import io.podslice.grpc.GrpcStatus;
import io.podslice.grpc.Header;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The fate of a held call. */
public sealed interface Decision {

    /** Returns the outcome that is told of the end of a call that goes on. */
    default Outcome outcome() {
        return Outcome.NONE;
    }

    /** Lets the request go on as it came. */
    record Forward(Outcome outcome) implements Decision {

        /** Lets the request go on; no handler is told of its outcome. */
        public Forward() {
            this(Outcome.NONE);
        }
    }

    /** Lets the request go on with this message, uncompressed, in place of its own. */
    record Replace(ByteBuffer message, Outcome outcome) implements Decision {}

    /**
     * Answers in the runtime's place, later: the runtime's side of the stream is reset at once, and the answer may take
     * as long as the client waits for it.
     */
    record AnswerLater(LateReply reply) implements Decision {}

    /** Answers in the runtime's place now; the runtime's side of the stream is reset. */
    sealed interface Reply extends Decision {}

    /** Answers with an error. */
    record Fail(GrpcStatus status) implements Reply {}

    /** Answers with status OK and this message. */
    record Answer(ByteBuffer message) implements Reply {}

    /**
     * Answers with a response that the runtime gave to another call, OK or an error: every field as it came,
     * percent-encoding and pseudo-header fields included.
     *
     * @param headers fields of the block that opens the response; empty where the runtime sent trailers only
     * @param message uncompressed; null where the runtime sent none
     * @param trailers fields of the block that ends the response; empty where it ended without one
     */
    record Relay(List<Header> headers, @Nullable ByteBuffer message, List<Header> trailers) implements Reply {

        /** @throws IllegalArgumentException if there is neither a header block nor trailers */
        public Relay {
            headers = List.copyOf(headers);
            trailers = List.copyOf(trailers);
            if (headers.isEmpty() && trailers.isEmpty()) {
                throw new IllegalArgumentException("a response without a header block");
            }
        }
    }

    /** Finds the answer of an {@link AnswerLater}. Exactly one of its methods is called, once. */
    interface LateReply {

        /** Finds the answer. Runs on the thread that decided, and may block. */
        Reply get() throws Exception;

        /** Called when no client waits for an answer any more; the runtime was asked nothing. */
        void dropped() throws Exception;
    }
}
