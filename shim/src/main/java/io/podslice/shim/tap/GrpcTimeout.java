package io.podslice.shim.tap;

import java.util.concurrent.TimeUnit;

/** The {@code grpc-timeout} header: at most eight digits and a unit. */
final class GrpcTimeout {
    private static final int MOST_DIGITS = 8;

    private GrpcTimeout() {}

    /**
     * Reads a timeout.
     *
     * @return milliseconds, at least 1; 0 if it is none, which means for ever
     */
    static long millis(String header) {
        int digits = header.length() - 1;
        if (digits < 1 || digits > MOST_DIGITS) {
            return 0;
        }
        long number = 0;
        for (int i = 0; i < digits; i++) {
            int digit = header.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return 0;
            }
            number = 10 * number + digit;
        }
        TimeUnit unit = switch (header.charAt(digits)) {
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
