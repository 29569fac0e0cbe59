package io.podslice.shim.tap;

/** Bytes that are consumed from the front. Not shared between threads without a lock. */
final class ByteRange {
    private final byte[] bytes;
    private int from;
    private final int to;

    ByteRange(byte[] bytes, int from, int to) {
        this.bytes = bytes;
        this.from = from;
        this.to = to;
    }

    byte[] bytes() {
        return bytes;
    }

    int from() {
        return from;
    }

    int length() {
        return to - from;
    }

    void skip(int count) {
        from += count;
    }
}
