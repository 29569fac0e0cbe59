package io.podslice.cluster.shard;

import java.math.BigInteger;

/**
 * Consecutive hashes.
 *
 * @param first the first hash in the range, unsigned
 * @param last the last hash in the range, unsigned; not below the first
 */
public record ShardRange(long first, long last) {
    private static final BigInteger ALL = BigInteger.ONE.shiftLeft(Long.SIZE);

    /** The end that lies above every hash, 2^64. */
    static final String TOP = "0x10000000000000000";

    public ShardRange {
        if (Long.compareUnsigned(first, last) > 0) {
            throw new IllegalArgumentException("the range " + Long.toHexString(first) + " to " + Long.toHexString(last)
                    + " has its end before its begin");
        }
    }

    /**
     * Returns one of equal ranges, which together have every hash once; the last takes what does not divide.
     *
     * @param index from 0 to {@code count} - 1
     * @param count at least 1
     * @throws IllegalArgumentException if the index or the count is out of its bounds
     */
    public static ShardRange part(int index, int count) {
        if (count < 1 || index < 0 || index >= count) {
            throw new IllegalArgumentException("part " + index + " of " + count + ": there is no such part");
        }
        BigInteger span = ALL.divide(BigInteger.valueOf(count));
        BigInteger first = span.multiply(BigInteger.valueOf(index));
        BigInteger end = index == count - 1 ? ALL : first.add(span);
        return new ShardRange(first.longValue(), end.subtract(BigInteger.ONE).longValue());
    }

    /** Tells if a hash is in the range. */
    public boolean has(long hash) {
        return Long.compareUnsigned(hash, first) >= 0 && Long.compareUnsigned(hash, last) <= 0;
    }

    /** Returns the first hash as a selector writes it. */
    String start() {
        return hex(first);
    }

    /** Returns the hash after the last one as a selector writes it. */
    String end() {
        return last == -1 ? TOP : hex(last + 1);
    }

    private static String hex(long hash) {
        return String.format("0x%016x", hash);
    }
}
