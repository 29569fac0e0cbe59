package io.podslice.agent.text;

import java.util.Locale;

/** Writes amounts of memory, short enough to read. */
public final class Bytes {
    private static final String[] UNITS = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};

    private Bytes() {}

    /**
     * Writes bytes in the largest unit of which there is at least one, with one decimal where it is not whole: {@code
     * 45.8Gi}.
     */
    public static String text(long bytes) {
        int unit = 0;
        double amount = bytes;
        while (amount >= 1024 && unit < UNITS.length - 1) {
            amount /= 1024;
            unit++;
        }
        String digits = String.format(Locale.ROOT, "%.1f", amount);
        return (digits.endsWith(".0") ? digits.substring(0, digits.length() - 2) : digits) + UNITS[unit];
    }
}
