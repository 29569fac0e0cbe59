package io.podslice.agent.publish;

/** xxHash's 64-bit variant XXH64, as its specification has it. Pure. */
final class XxHash64 {
    private static final long P1 = 0x9E3779B185EBCA87L;
    private static final long P2 = 0xC2B2AE3D27D4EB4FL;
    private static final long P3 = 0x165667B19E3779F9L;
    private static final long P4 = 0x85EBCA77C2B2AE63L;
    private static final long P5 = 0x27D4EB2F165667C5L;

    private static final int STRIPE = 32;

    private final byte[] bytes;
    private int at;

    private XxHash64(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Returns the hash of these bytes. */
    static long of(byte[] bytes, long seed) {
        return new XxHash64(bytes).hash(seed);
    }

    private long hash(long seed) {
        long hash = (bytes.length < STRIPE ? seed + P5 : stripes(seed)) + bytes.length;
        while (bytes.length - at >= 8) {
            hash = Long.rotateLeft(hash ^ round(0, number(8)), 27) * P1 + P4;
        }
        if (bytes.length - at >= 4) {
            hash = Long.rotateLeft(hash ^ number(4) * P1, 23) * P2 + P3;
        }
        while (at < bytes.length) {
            hash = Long.rotateLeft(hash ^ number(1) * P5, 11) * P1;
        }
        hash = (hash ^ hash >>> 33) * P2;
        hash = (hash ^ hash >>> 29) * P3;
        return hash ^ hash >>> 32;
    }

    private long stripes(long seed) {
        long[] lanes = {seed + P1 + P2, seed + P2, seed, seed - P1};
        while (bytes.length - at >= STRIPE) {
            for (int i = 0; i < lanes.length; i++) {
                lanes[i] = round(lanes[i], number(8));
            }
        }
        long hash = Long.rotateLeft(lanes[0], 1)
                + Long.rotateLeft(lanes[1], 7)
                + Long.rotateLeft(lanes[2], 12)
                + Long.rotateLeft(lanes[3], 18);
        for (long lane : lanes) {
            hash = (hash ^ round(0, lane)) * P1 + P4;
        }
        return hash;
    }

    private static long round(long lane, long input) {
        return Long.rotateLeft(lane + input * P2, 31) * P1;
    }

    /** Reads a little-endian number without a sign. */
    private long number(int length) {
        long number = 0;
        for (int i = 0; i < length; i++) {
            number |= (bytes[at++] & 0xffL) << (8 * i);
        }
        return number;
    }
}
