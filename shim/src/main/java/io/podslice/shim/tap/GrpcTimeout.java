package io.podslice.shim.tap;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The {@code grpc-timeout} header: at most eight digits and a unit. */
final class GrpcTimeout {
    private static final int MOST_DIGITS = 8;

    private GrpcTimeout() {}

    /** Thrown for a timeout that cannot be read, with the text of grpc-go's server (http_util.go, decodeTimeout). */
    static final class Malformed extends Exception {
        @java.io.Serial
        private static final long serialVersionUID = 1L;

        Malformed(String message) {
            super(message);
        }
    }

    /**
     * Reads a timeout.
     *
     * @return milliseconds, at least 1; 0 if it is none, which means for ever
     */
    static long millis(String header) {
        try {
            return Math.max(1, read(header).toMillis());
        } catch (Malformed e) {
            return 0;
        }
    }

    /** Reads a timeout; zero is one that has passed. */
    static Duration read(String header) throws Malformed {
        int digits = header.length() - 1;
        if (digits < 1) {
            throw new Malformed("transport: timeout string is too short: " + quoted(header));
        }
        if (digits > MOST_DIGITS) {
            throw new Malformed("transport: timeout string is too long: " + quoted(header));
        }
        TimeUnit unit = switch (header.charAt(digits)) {
            case 'H' -> TimeUnit.HOURS;
            case 'M' -> TimeUnit.MINUTES;
            case 'S' -> TimeUnit.SECONDS;
            case 'm' -> TimeUnit.MILLISECONDS;
            case 'u' -> TimeUnit.MICROSECONDS;
            case 'n' -> TimeUnit.NANOSECONDS;
            default -> throw new Malformed("transport: timeout unit is not recognized: " + quoted(header));
        };
        long number = 0;
        for (int i = 0; i < digits; i++) {
            int digit = header.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                String parsed = quoted(header.substring(0, digits));
                throw new Malformed("strconv.ParseUint: parsing " + parsed + ": invalid syntax");
            }
            number = 10 * number + digit;
        }
        return Duration.of(number, unit.toChronoUnit());
    }

    /** Quotes a header's value as Go's %q does, as far as such values differ from one another. */
    static String quoted(String text) {
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
