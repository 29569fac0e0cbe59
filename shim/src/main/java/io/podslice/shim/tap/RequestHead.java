package io.podslice.shim.tap;

import io.podslice.shim.tap.Decision.Relay;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The header fields that open a held call, read as grpc-go's server reads them before a method sees the call (1.79,
 * internal/transport: operateHeaders in http2_server.go, decodeTimeout in http_util.go).
 *
 * @param rejection the answer to a head that the server would not take; null for one that it takes
 * @param timeout the time that the client waits from here on; null where it names none
 */
record RequestHead(@Nullable Relay rejection, @Nullable Duration timeout) {
    private static final byte[] METHOD = ":method".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CONTENT_TYPE = "content-type".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] TIMEOUT = "grpc-timeout".getBytes(StandardCharsets.US_ASCII);
    private static final String GRPC = "application/grpc";
    private static final int LONGEST_TIMEOUT = 9;

    private static final int HTTP_OK = 200;
    private static final int BAD_REQUEST = 400;
    private static final int METHOD_NOT_ALLOWED = 405;
    private static final int UNSUPPORTED_MEDIA_TYPE = 415;

    /** A timeout that cannot be read. */
    private static final class Malformed extends Exception {
        @java.io.Serial
        private static final long serialVersionUID = 1L;

        Malformed(String message) {
            super(message);
        }
    }

    /** @param needsType whether a head without a content-type is rejected too */
    static RequestHead of(HeaderFields fields, boolean needsType) {
        String type = fields.value(CONTENT_TYPE);
        if (!isGrpc(type) && (needsType || !type.isEmpty())) {
            String text = "invalid gRPC request content-type " + quoted(type);
            return rejected(UNSUPPORTED_MEDIA_TYPE, new GrpcStatus(GrpcStatus.INVALID_ARGUMENT, text));
        }
        Duration timeout;
        try {
            timeout = timeout(fields.value(TIMEOUT));
        } catch (Malformed e) {
            String text = "malformed grpc-timeout: " + e.getMessage();
            return rejected(BAD_REQUEST, new GrpcStatus(GrpcStatus.INTERNAL, text));
        }
        String method = fields.value(METHOD);
        if (!method.isEmpty() && !method.equals("POST")) {
            String text = "Received a HEADERS frame with :method " + quoted(method) + " which should be POST";
            return rejected(METHOD_NOT_ALLOWED, new GrpcStatus(GrpcStatus.INTERNAL, text));
        }
        if (timeout != null && timeout.isZero()) {
            return rejected(HTTP_OK, GrpcStatus.expired());
        }
        return new RequestHead(null, timeout);
    }

    private static boolean isGrpc(String type) {
        return type.equals(GRPC) || type.startsWith(GRPC + "+") || type.startsWith(GRPC + ";");
    }

    private static RequestHead rejected(int httpStatus, GrpcStatus status) {
        List<Header> fields = List.of(
                new Header(":status", Integer.toString(httpStatus)),
                new Header("content-type", GRPC),
                new Header("grpc-status", Integer.toString(status.code())),
                new Header("grpc-message", Replies.percentEncoded(status.message())));
        return new RequestHead(new Relay(List.of(), null, fields), null);
    }

    /** Reads at most eight digits and a unit; null if there is no such field. */
    private static @Nullable Duration timeout(String text) throws Malformed {
        if (text.isEmpty()) {
            return null;
        }
        int digits = text.length() - 1;
        if (digits < 1) {
            throw new Malformed("transport: timeout string is too short: " + quoted(text));
        }
        if (text.length() > LONGEST_TIMEOUT) {
            throw new Malformed("transport: timeout string is too long: " + quoted(text));
        }
        TimeUnit unit = switch (text.charAt(digits)) {
            case 'H' -> TimeUnit.HOURS;
            case 'M' -> TimeUnit.MINUTES;
            case 'S' -> TimeUnit.SECONDS;
            case 'm' -> TimeUnit.MILLISECONDS;
            case 'u' -> TimeUnit.MICROSECONDS;
            case 'n' -> TimeUnit.NANOSECONDS;
            default -> throw new Malformed("transport: timeout unit is not recognized: " + quoted(text));
        };
        long number = 0;
        for (int i = 0; i < digits; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                throw new Malformed(
                        "strconv.ParseUint: parsing " + quoted(text.substring(0, digits)) + ": invalid syntax");
            }
            number = 10 * number + digit;
        }
        return Duration.ofNanos(unit.toNanos(number));
    }

    private static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ' || c > '~') {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
