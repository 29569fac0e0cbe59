package io.podslice.agent.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * An HTTP/1 request (RFC 9112).
 *
 * @param method such as GET
 * @param path the target without its query
 * @param query the target's query; empty for none
 * @param fields the lines of the header
 * @param body a byte each character; empty where bodies are not read
 */
public record HttpRequest(String method, String path, String query, List<String> fields, String body) {
    /** The most bytes of a head; Prometheus sends some 300, a browser some 700. */
    static final int MOST_BYTES = 8 << 10;

    private static final int BAD = 400;
    private static final int NO_LENGTH = 411;
    private static final int BODY_TOO_LONG = 413;
    private static final int HEAD_TOO_LONG = 431;

    public HttpRequest {
        fields = List.copyOf(fields);
    }

    /** The request is none, or too long. */
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
     * Reads a request; empty where the client has closed before its end.
     *
     * @param mostBody the most bytes that the body of a POST may have; 0: bodies are left unread
     * @throws IOException if the connection fails
     */
    static Optional<HttpRequest> read(InputStream in, int mostBody) throws IOException, UnreadableException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        int lineBytes = 0;
        while (true) {
            int next = in.read();
            if (next < 0) {
                return Optional.empty();
            }
            if (head.size() == MOST_BYTES) {
                throw new UnreadableException(HEAD_TOO_LONG, "a request's head has at most " + MOST_BYTES + " bytes");
            }
            head.write(next);
            if (next == '\n') {
                if (lineBytes == 0 && head.size() > 2) {
                    HttpRequest request = parsed(head.toString(StandardCharsets.ISO_8859_1));
                    return request.method.equals("POST") && mostBody > 0
                            ? request.withBody(in, mostBody)
                            : Optional.of(request);
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
            throw new UnreadableException(BAD, "the first line is no request line of HTTP/1");
        }
        int query = words[1].indexOf('?');
        String path = query < 0 ? words[1] : words[1].substring(0, query);
        return new HttpRequest(
                words[0],
                path,
                query < 0 ? "" : words[1].substring(query + 1),
                new ArrayList<>(lines.subList(1, lines.size())),
                "");
    }

    private Optional<HttpRequest> withBody(InputStream in, int most) throws IOException, UnreadableException {
        String given = field("Content-Length").orElse("");
        if (given.isEmpty() || field("Transfer-Encoding").isPresent()) {
            throw new UnreadableException(NO_LENGTH, "a request with a body must have a Content-Length");
        }
        if (!given.matches("\\d{1,18}")) {
            throw new UnreadableException(BAD, "Content-Length is no number");
        }
        long length = Long.parseLong(given);
        if (length > most) {
            throw new UnreadableException(
                    BODY_TOO_LONG, "the request's body has " + length + " bytes; it may have at most " + most);
        }
        byte[] bytes = in.readNBytes((int) length);
        return bytes.length < length
                ? Optional.empty()
                : Optional.of(
                        new HttpRequest(method, path, query, fields, new String(bytes, StandardCharsets.ISO_8859_1)));
    }

    /** Returns the value of the first field of that name, without blanks around it; empty if there is none. */
    public Optional<String> field(String name) {
        String start = name.toLowerCase(Locale.ROOT) + ":";
        return fields.stream()
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(start))
                .findFirst()
                .map(line -> line.substring(start.length()).strip());
    }
}
