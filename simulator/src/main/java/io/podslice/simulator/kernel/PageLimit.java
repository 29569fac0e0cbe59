package io.podslice.simulator.kernel;

/**
 * A limit in pages: a number of bytes rounded down, or {@code max}.
 *
 * @param pages {@link #MAX_PAGES} for no limit
 */
record PageLimit(long pages) {
    static final long PAGE_BYTES = 4096;
    /** The number of pages in 2^63 - 1 bytes; files call it {@code max}. */
    static final long MAX_PAGES = Long.MAX_VALUE / PAGE_BYTES;

    static final PageLimit MAX = new PageLimit(MAX_PAGES);
    static final PageLimit ZERO = new PageLimit(0);

    static PageLimit parse(String text) {
        String value = text.strip();
        return value.equals("max") ? MAX : new PageLimit(Math.min(KernelNumber.bytes(value) / PAGE_BYTES, MAX_PAGES));
    }

    /** Returns the limit rounded down to a multiple of a number of pages. */
    PageLimit roundedDown(long unit) {
        return new PageLimit(pages - pages % unit);
    }

    long bytes() {
        return pages * PAGE_BYTES;
    }

    @Override
    public String toString() {
        return pages == MAX_PAGES ? "max" : Long.toString(bytes());
    }
}
