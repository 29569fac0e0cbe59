package io.podslice.simulator.kernel;

import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/**
 * The longest run of digits at a place in a text.
 *
 * @param value the number that the digits say; null if there are no digits
 * @param end the index after the last of them
 */
record Digits(@Nullable BigInteger value, int end) {

    /** Reads a number: base 16 after 0x, 8 after a leading 0, else 10. */
    static Digits at(String text, int from) {
        int radix = 10;
        int start = from;
        if (from + 1 < text.length() && text.charAt(from) == '0') {
            boolean hex = Character.toLowerCase(text.charAt(from + 1)) == 'x'
                    && from + 2 < text.length()
                    && Character.digit(text.charAt(from + 2), 16) >= 0;
            radix = hex ? 16 : 8;
            start = hex ? from + 2 : from;
        }
        return run(text, start, radix);
    }

    /** Reads a number in base 10, also with a leading 0. */
    static Digits decimal(String text, int from) {
        return run(text, from, 10);
    }

    private static Digits run(String text, int from, int radix) {
        int end = from;
        while (end < text.length() && Character.digit(text.charAt(end), radix) >= 0) {
            end++;
        }
        return new Digits(end == from ? null : new BigInteger(text.substring(from, end), radix), end);
    }
}
