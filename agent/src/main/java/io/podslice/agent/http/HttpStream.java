package io.podslice.agent.http;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A reply without an end of its own, such as server-sent events.
 *
 * @param contentType of the bytes
 * @param fields further lines of the header
 * @param body writes the bytes
 */
public record HttpStream(String contentType, List<String> fields, Body body) implements HttpReply {
    public HttpStream {
        fields = List.copyOf(fields);
    }

    /** Takes bytes of a reply, in order. */
    public interface Sink {
        /**
         * Sends bytes. The client has the listener's patience to take them; then its connection is closed.
         *
         * @throws IOException if the client has gone, or was too slow
         */
        void send(byte[] bytes) throws IOException;
    }

    /** Writes a reply's bytes. */
    @FunctionalInterface
    public interface Body {
        /**
         * Writes until the reply ends, on a thread of its own; may wait between two sends as long as it likes.
         *
         * @throws IOException if the client has gone
         * @throws InterruptedException if the listener is closed
         */
        void write(Sink sink) throws IOException, InterruptedException;
    }

    byte[] head() {
        List<String> lines = new ArrayList<>(List.of("HTTP/1.1 200 OK", "Content-Type: " + contentType));
        lines.addAll(fields);
        lines.add("Connection: close");
        return (String.join("\r\n", lines) + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1);
    }
}
