package io.podslice.shim;

import java.util.concurrent.TimeUnit;

/** The {@code grpc-timeout} header: at most eight digits and a unit. */
final class GrpcTimeout {
    private static final int MOST_DIGITS = 99_999_999;

    private GrpcTimeout() {}

    /** A timeout as it travels, rounded up to what eight digits can say. */
    static String of(long millis) {
        if (millis <= MOST_DIGITS) {
            return millis + "m";
        }
        long seconds = millis / 1000 + 1;
        return Math.min(seconds, MOST_DIGITS) + "S";
    }

    /**
     * Reads a timeout.
     *
     * @return milliseconds, at least 1; 0 if it is none, which means for ever
     */
    static long millis(String header) {
        if (header.length() < 2) {
            return 0;
        }
        long number;
        try {
            number = Long.parseLong(header.substring(0, header.length() - 1));
        } catch (NumberFormatException e) {
            return 0;
        }
        TimeUnit unit = switch (header.charAt(header.length() - 1)) {
            case 'H' -> TimeUnit.HOURS;
            case 'M' -> TimeUnit.MINUTES;
            case 'S' -> TimeUnit.SECONDS;
            case 'm' -> TimeUnit.MILLISECONDS;
            case 'u' -> TimeUnit.MICROSECONDS;
            case 'n' -> TimeUnit.NANOSECONDS;
            default -> null;
        };
        return unit == null ? 0 : Math.max(1, unit.toMillis(number));
    }
}
