package io.podslice.managers.cpu;

/**
 * Sets of small numbers in a {@code long[]} that its owner changes in place; {@code CpuSet} is the immutable
 * counterpart.
 */
final class Bits {
    private Bits() {}

    /** Returns the number of words for numbers 0 to n - 1. */
    static int words(int n) {
        return (n + 63) >> 6;
    }

    static void set(long[] bits, int i) {
        bits[i >> 6] |= 1L << i;
    }

    static boolean get(long[] bits, int i) {
        return (bits[i >> 6] & 1L << i) != 0;
    }

    /** Returns the smallest member not below {@code from}, or -1. */
    static int next(long[] bits, int from) {
        int word = from >> 6;
        if (word >= bits.length) {
            return -1;
        }
        long rest = bits[word] & -1L << from;
        while (rest == 0) {
            if (++word == bits.length) {
                return -1;
            }
            rest = bits[word];
        }
        return (word << 6) + Long.numberOfTrailingZeros(rest);
    }
}
