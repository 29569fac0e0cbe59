package io.podslice.cluster.shard;

import java.nio.charset.StandardCharsets;

/** The hash by which an object belongs to a shard: 64-bit FNV-1a over the UTF-8 bytes of a field's value. Pure. */
public final class ShardHash {
    private static final long OFFSET = 0xcbf29ce484222325L;
    private static final long PRIME = 0x100000001b3L;

    private ShardHash() {}

    /** Returns the hash of a value, an unsigned number; an absent value counts as the empty text. */
    public static long of(String value) {
        long hash = OFFSET;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c >= 0x80) {
                return ofBytes(value.getBytes(StandardCharsets.UTF_8));
            }
            hash = (hash ^ c) * PRIME;
        }
        return hash;
    }

    private static long ofBytes(byte[] bytes) {
        long hash = OFFSET;
        for (byte one : bytes) {
            hash = (hash ^ (one & 0xff)) * PRIME;
        }
        return hash;
    }
}
