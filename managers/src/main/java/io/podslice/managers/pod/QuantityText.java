package io.podslice.managers.pod;

/**
 * A quantity's text taken apart by upstream's grammar, which is lenient: {@code .5}, {@code 1.G} and a bare sign or
 * point (zero) are quantities.
 *
 * @param whole digits before the point, at least one
 * @param fraction digits after it, maybe none
 * @param exponent10 power of ten of the suffix
 * @param exponent2 power of two of the suffix
 */
record QuantityText(
        boolean negative, String whole, String fraction, long exponent10, int exponent2, Quantity.Format format) {

    private static final String WRONG_FORM =
            "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
    private static final String WRONG_SUFFIX = "unable to parse quantity's suffix";
    private static final String SUFFIX_LETTERS = "eEinumkKMGTP";

    /** More than any amount of a resource needs, so that a quantity costs no time whatever its text. */
    private static final int LONGEST = 64;

    static QuantityText split(String text) {
        if (text.length() > LONGEST) {
            throw new IllegalArgumentException(
                    "quantities have at most " + LONGEST + " characters, not " + text.length());
        }
        if (text.isEmpty()) {
            throw new IllegalArgumentException(WRONG_FORM);
        }
        boolean negative = text.charAt(0) == '-';
        int start = negative || text.charAt(0) == '+' ? 1 : 0;
        int point = afterDigits(text, start);
        String whole = text.substring(start, point);
        String fraction = "";
        int suffixAt = point;
        if (point < text.length() && text.charAt(point) == '.') {
            suffixAt = afterDigits(text, point + 1);
            fraction = text.substring(point + 1, suffixAt);
        }
        String suffix = text.substring(suffixAt);
        checkSuffixForm(suffix);
        return of(negative, whole.isEmpty() ? "0" : whole, fraction, suffix);
    }

    private static int afterDigits(String text, int from) {
        int at = from;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        return at;
    }

    /** Checks that the suffix is letters, then a sign, then digits, and nothing after them. */
    private static void checkSuffixForm(String suffix) {
        int at = 0;
        while (at < suffix.length() && SUFFIX_LETTERS.indexOf(suffix.charAt(at)) >= 0) {
            at++;
        }
        if (at < suffix.length() && (suffix.charAt(at) == '-' || suffix.charAt(at) == '+')) {
            at++;
        }
        if (afterDigits(suffix, at) < suffix.length()) {
            throw new IllegalArgumentException(WRONG_FORM);
        }
    }

    private static QuantityText of(boolean negative, String whole, String fraction, String suffix) {
        return switch (suffix) {
            case "n" -> decimal(negative, whole, fraction, -9);
            case "u" -> decimal(negative, whole, fraction, -6);
            case "m" -> decimal(negative, whole, fraction, -3);
            case "" -> decimal(negative, whole, fraction, 0);
            case "k" -> decimal(negative, whole, fraction, 3);
            case "M" -> decimal(negative, whole, fraction, 6);
            case "G" -> decimal(negative, whole, fraction, 9);
            case "T" -> decimal(negative, whole, fraction, 12);
            case "P" -> decimal(negative, whole, fraction, 15);
            case "E" -> decimal(negative, whole, fraction, 18);
            case "Ki" -> binary(negative, whole, fraction, 10);
            case "Mi" -> binary(negative, whole, fraction, 20);
            case "Gi" -> binary(negative, whole, fraction, 30);
            case "Ti" -> binary(negative, whole, fraction, 40);
            case "Pi" -> binary(negative, whole, fraction, 50);
            case "Ei" -> binary(negative, whole, fraction, 60);
            default ->
                new QuantityText(negative, whole, fraction, exponent(suffix), 0, Quantity.Format.DECIMAL_EXPONENT);
        };
    }

    private static QuantityText decimal(boolean negative, String whole, String fraction, int exponent) {
        return new QuantityText(negative, whole, fraction, exponent, 0, Quantity.Format.DECIMAL_SI);
    }

    private static QuantityText binary(boolean negative, String whole, String fraction, int exponent) {
        return new QuantityText(negative, whole, fraction, 0, exponent, Quantity.Format.BINARY_SI);
    }

    /**
     * Reads {@code e} or {@code E} and a number within a Go int32 whose negative fits too, as upstream has it since
     * 1.37.
     */
    private static long exponent(String suffix) {
        char first = suffix.charAt(0);
        if (suffix.length() < 2 || (first != 'e' && first != 'E')) {
            throw new IllegalArgumentException(WRONG_SUFFIX);
        }
        try {
            long exponent = Long.parseLong(suffix, 1, suffix.length(), 10);
            if (Math.abs(exponent) > Integer.MAX_VALUE) {
                throw new IllegalArgumentException(WRONG_SUFFIX);
            }
            return exponent;
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(WRONG_SUFFIX, e);
        }
    }
}
