package io.podslice.cgroups;

/**
 * The value of a limit in bytes, as in {@code memory.max} and {@code hugetlb.2MB.max}: a number or {@code max}.
 *
 * @param bytes not negative; {@link #UNLIMITED_BYTES} for no limit
 */
public record ByteLimit(long bytes) {
    /** The value that stands for no limit, in bytes; more than any machine has. */
    public static final long UNLIMITED_BYTES = Long.MAX_VALUE;

    /** No limit; the files say {@code max}. */
    public static final ByteLimit UNLIMITED = new ByteLimit(UNLIMITED_BYTES);

    public ByteLimit {
        if (bytes < 0) {
            throw new IllegalArgumentException("limit of " + bytes + " bytes: must not be negative");
        }
    }

    public boolean isLimited() {
        return bytes != UNLIMITED_BYTES;
    }

    /**
     * Reads {@code max} or a number of bytes, perhaps with one of the kernel's suffixes K, M, G, T (powers of 1024).
     *
     * @throws IllegalArgumentException naming the text
     */
    public static ByteLimit parse(String text) {
        String value = text.strip();
        if (value.equals("max")) {
            return UNLIMITED;
        }
        int shift = value.isEmpty()
                ? 0
                : switch (value.charAt(value.length() - 1)) {
                    case 'k', 'K' -> 10;
                    case 'm', 'M' -> 20;
                    case 'g', 'G' -> 30;
                    case 't', 'T' -> 40;
                    default -> 0;
                };
        String digits = shift == 0 ? value : value.substring(0, value.length() - 1);
        try {
            long number = Long.parseLong(digits);
            if (number >= 0 && digits.charAt(0) != '+' && digits.charAt(0) != '-') {
                return new ByteLimit(number > Long.MAX_VALUE >> shift ? UNLIMITED_BYTES : number << shift);
            }
        } catch (NumberFormatException e) {
            // Refused below with the message for a negative number.
        }
        throw new IllegalArgumentException("limit \"" + text + "\": must be a number of bytes or max");
    }

    /**
     * Returns the limit rounded down to whole pages of that size, as the kernel keeps it; unlimited stays unlimited.
     */
    public ByteLimit roundedDown(long pageBytes) {
        return isLimited() ? new ByteLimit(bytes - bytes % pageBytes) : this;
    }

    /** Returns the text as in the file: {@code 1073741824}, {@code max}. */
    @Override
    public String toString() {
        return isLimited() ? Long.toString(bytes) : "max";
    }
}
