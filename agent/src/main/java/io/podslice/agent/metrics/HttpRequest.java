package io.podslice.agent.metrics;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The head of an HTTP/1 request (RFC 9112); a body is not read.
 *
 * @param method such as GET
 * @param path the target without its query
 * @param fields the lines of the header
 */
record HttpRequest(String method, String path, List<String> fields) {
    /** The most bytes of a head; Prometheus sends some 300. */
    static final int MOST_BYTES = 8 << 10;

    HttpRequest {
        fields = List.copyOf(fields);
    }

    /** The head is none, or too long. */
    static final class UnreadableException extends Exception {
        private static final long serialVersionUID = 1L;

        private final int status;

        UnreadableException(int status, String message) {
            super(message);
            this.status = status;
        }

        /** Returns the status of the answer. */
        int status() {
            return status;
        }
    }

    /**
     * Reads a head; empty where the client has closed before its end.
     *
     * @throws IOException if the connection fails
     */
    static Optional<HttpRequest> read(InputStream in) throws IOException, UnreadableException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int lineBytes = 0;
        while (true) {
            int next = in.read();
            if (next < 0) {
                return Optional.empty();
            }
            if (head.size() == MOST_BYTES) {
                throw new UnreadableException(431, "a request's head has at most " + MOST_BYTES + " bytes");
            }
            head.write(next);
            if (next == '\n') {
                if (lineBytes == 0 && head.size() > 2) {
                    return Optional.of(parsed(head.toString(StandardCharsets.ISO_8859_1)));
                }
                lineBytes = 0;
            } else if (next != '\r') {
                lineBytes++;
            }
        }
    }

    private static HttpRequest parsed(String head) throws UnreadableException {
        List<String> lines = head.lines().filter(line -> !line.isEmpty()).toList();
        String[] words = lines.isEmpty() ? new String[0] : lines.getFirst().split(" ", -1);
        if (words.length != 3 || !words[2].startsWith("HTTP/1.")) {
            throw new UnreadableException(400, "the first line is no request line of HTTP/1");
        }
        int query = words[1].indexOf('?');
        String path = query < 0 ? words[1] : words[1].substring(0, query);
        return new HttpRequest(words[0], path, new ArrayList<>(lines.subList(1, lines.size())));
    }

    /** Returns the value of the first field of that name, without blanks around it; empty if there is none. */
    Optional<String> field(String name) {
        String start = name.toLowerCase(Locale.ROOT) + ":";
        return fields.stream()
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(start))
                .findFirst()
                .map(line -> line.substring(start.length()).strip());
    }
}
