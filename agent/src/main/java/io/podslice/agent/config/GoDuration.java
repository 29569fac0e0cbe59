package io.podslice.agent.config;

import java.math.BigDecimal;
import java.time.Duration;

/** Durations as Go and Kubernetes write them: {@code 100ms}, {@code 1.5s}, {@code 1m30s}. */
public final class GoDuration {

    private GoDuration() {}

    /**
     * Parses a duration, exact to the nanosecond; a smaller fraction is cut off, as in Go.
     *
     * @throws IllegalArgumentException if the text is no such duration or does not fit into 64 bits of nanoseconds
     */
    public static Duration parse(String text) {
        if (text.equals("0")) {
            return Duration.ZERO;
        }
        boolean negative = text.startsWith("-");
        int at = negative || text.startsWith("+") ? 1 : 0;
        if (at == text.length()) {
            throw malformed();
        }
        BigDecimal nanos = BigDecimal.ZERO;
        while (at < text.length()) {
            int number = at;
            while (at < text.length() && (isDigit(text.charAt(at)) || text.charAt(at) == '.')) {
                at++;
            }
            int unit = at;
            while (at < text.length() && !isDigit(text.charAt(at)) && text.charAt(at) != '.') {
                at++;
            }
            nanos = nanos.add(decimal(text.substring(number, unit))
                    .multiply(BigDecimal.valueOf(nanosOf(text.substring(unit, at)))));
        }
        if (nanos.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
            throw new IllegalArgumentException("too long for a duration");
        }
        long value = nanos.longValue();
        return Duration.ofNanos(negative ? -value : value);
    }

    private static BigDecimal decimal(String digits) {
        int dot = digits.indexOf('.');
        if (digits.isEmpty() || digits.equals(".") || dot != digits.lastIndexOf('.')) {
            throw malformed();
        }
        return new BigDecimal(digits);
    }

    private static long nanosOf(String unit) {
        return switch (unit) {
            case "ns" -> 1L;
            case "us", "\u00b5s", "\u03bcs" -> 1_000L; // both of Unicode's mu, as in Go
            case "ms" -> 1_000_000L;
            case "s" -> 1_000_000_000L;
            case "m" -> 60_000_000_000L;
            case "h" -> 3_600_000_000_000L;
            default -> throw malformed();
        };
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static IllegalArgumentException malformed() {
        return new IllegalArgumentException("must be a duration such as 100ms, 1.5s or 1m30s");
    }
}
