package io.podslice.integration.fuzz;

import com.google.protobuf.ByteString;
import io.podslice.grpc.Header;
import java.util.List;

/**
 * Everything about one call that both ends and the handlers have agreed on beforehand.
 *
 * @param id the value of the header {@code x-call}, by which the runtime and the handlers find the plan
 * @param kind what the tap is to do with it
 * @param path its method
 * @param headers all request header fields
 * @param body all bytes of the request's DATA frames
 * @param message the uncompressed request message, where the body holds exactly one
 * @param wholeMessage whether it does
 * @param trailers request trailers; empty for none
 * @param decision what the handler of a held call does
 * @param patience how often the client looks at an unanswered call, after its request is sent, before it cancels;
 *     negative: it waits for ever
 * @param cancelAfter bytes of the body after which the client cancels; negative: it does not
 * @param reply what the runtime does
 */
record CallPlan(
        long id,
        Kind kind,
        String path,
        List<Header> headers,
        ByteString body,
        ByteString message,
        boolean wholeMessage,
        List<Header> trailers,
        Decide decision,
        int patience,
        int cancelAfter,
        Reply reply) {

    static final String ID_HEADER = "x-call";
    static final String HELD = "/fuzz.Held/Call";
    static final String OBSERVED = "/fuzz.Observed/Call";

    /** Returns the id as it travels, sealed: where bytes are damaged, one call must not be taken for another. */
    static String text(long id) {
        return id + "." + seal(id);
    }

    /** Returns the id in a text of {@link #text}. */
    static long id(String text) {
        int dot = text.indexOf('.');
        if (dot < 0) {
            throw new Violation("no call id: " + text);
        }
        return id(Long.parseLong(text.substring(0, dot)), Long.parseLong(text.substring(dot + 1)));
    }

    static long id(long id, long seal) {
        if (seal != seal(id)) {
            throw new Violation("a damaged call id: " + id);
        }
        return id;
    }

    static long seal(long id) {
        return (id + 1) * 0x9E3779B97F4A7C15L;
    }

    enum Kind {
        PASSED,
        HELD,
        OBSERVED
    }

    /** The action of the handler of a held call. */
    sealed interface Decide {
        record Forward() implements Decide {}

        record Replace(ByteString message) implements Decide {}

        record Answer(ByteString message) implements Decide {}

        record AnswerLater(ByteString message) implements Decide {}

        record Fail(int code, String text) implements Decide {}

        /** Throws; the tap answers with INTERNAL. */
        record Throw() implements Decide {}

        /** Decides after some time. */
        record Hang(int millis, Decide then) implements Decide {}
    }

    /** The moment of the runtime's answer. */
    enum When {
        /** When it has seen the header fields. */
        AT_ONCE,
        /** In the middle of the request. */
        MIDWAY,
        /** After the end of the request. */
        AT_THE_END,
        /** Not at all. */
        NEVER
    }

    /**
     * The runtime's answer.
     *
     * @param when when it begins
     * @param headers response header fields; empty: trailers only
     * @param body all bytes of the response's DATA frames
     * @param message the uncompressed response message, where the body holds exactly one
     * @param wholeMessage whether it does
     * @param trailers the last header fields; empty: none, the stream ends with a DATA frame
     * @param status gRPC status in the trailers
     * @param reset code of an RST_STREAM in place of trailers; negative: none
     * @param resetsAfterEarlyEnd whether it resets a stream whose request it has not waited for
     */
    record Reply(
            When when,
            List<Header> headers,
            ByteString body,
            ByteString message,
            boolean wholeMessage,
            List<Header> trailers,
            int status,
            int reset,
            boolean resetsAfterEarlyEnd) {

        /** Tells if gRPC calls this a success. */
        boolean succeeds() {
            return status == 0 && reset < 0 && wholeMessage && !headers.isEmpty() && !trailers.isEmpty();
        }
    }
}
