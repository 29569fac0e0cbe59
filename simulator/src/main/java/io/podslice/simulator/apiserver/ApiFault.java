package io.podslice.simulator.apiserver;

import java.time.Duration;
import java.util.function.UnaryOperator;

/** A way for a request to the API server to go wrong. */
public sealed interface ApiFault {

    /** The requests that can go wrong apart from each other. */
    enum Request {
        LIST,
        WATCH,
        GET,
        PATCH,
        /** Creation or update of an event. */
        EVENT
    }

    /** Answers with an HTTP status, and the API's Status as its body. */
    record Refuse(int code, String reason, String message) implements ApiFault {}

    /** Takes the request and never answers. */
    record Hang() implements ApiFault {}

    /** Answers as ever, but late. */
    record Late(Duration by) implements ApiFault {}

    /** Answers 200 and the right content type, with other bytes as the body, or as each event of a watch. */
    record Alter(UnaryOperator<byte[]> bytes) implements ApiFault {}

    /** Breaks the connection after so many bytes of the body. */
    record Truncate(int bytes) implements ApiFault {}

    /** Ends a watch with an ERROR event after so many events. */
    record ErrorAfter(int events, int code, String reason) implements ApiFault {}

    /** Ends a watch after so many events, as a server that goes down in good order. */
    record EndAfter(int events) implements ApiFault {}

    /** Keeps a watch open after so many events, and sends nothing more, not even bookmarks. */
    record SilentAfter(int events) implements ApiFault {}
}
