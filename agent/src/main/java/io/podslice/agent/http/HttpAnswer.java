package io.podslice.agent.http;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A reply that is known as a whole.
 *
 * @param status such as 200
 * @param contentType of the text
 * @param fields further lines of the header
 */
public record HttpAnswer(int status, String contentType, List<String> fields, String text) implements HttpReply {
    public HttpAnswer {
        fields = List.copyOf(fields);
    }

    /** Makes an answer without further lines in its header. */
    public HttpAnswer(int status, String contentType, String text) {
        this(status, contentType, List.of(), text);
    }

    /** Returns an answer in plain text. */
    public static HttpAnswer plain(int status, String text) {
        return new HttpAnswer(status, "text/plain; charset=utf-8", text);
    }

    /** Returns the answer's bytes. */
    byte[] bytes() {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        List<String> lines =
                new ArrayList<>(List.of("HTTP/1.1 " + status + " " + reason(), "Content-Type: " + contentType));
        lines.addAll(fields);
        lines.add("Content-Length: " + body.length);
        lines.add("Connection: close");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes((String.join("\r\n", lines) + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
        bytes.writeBytes(body);
        return bytes.toByteArray();
    }

    private String reason() {
        return switch (status) {
            case 200 -> "OK";
            case 400 -> "Bad Request";
            case 403 -> "Forbidden";
            case 404 -> "Not Found";
            case 405 -> "Method Not Allowed";
            case 411 -> "Length Required";
            case 413 -> "Content Too Large";
            case 415 -> "Unsupported Media Type";
            case 431 -> "Request Header Fields Too Large";
            case 503 -> "Service Unavailable";
            default -> "Internal Server Error";
        };
    }
}
