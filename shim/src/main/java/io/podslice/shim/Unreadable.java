package io.podslice.shim;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Requests that cannot be parsed. */
final class Unreadable {
    /** The beginning of every annotation of podslice's. */
    private static final byte[] PREFIX = "podslice.io/".getBytes(StandardCharsets.US_ASCII);

    private Unreadable() {}

    /** Tells whether a message has annotations of podslice's in it, as far as that shows in its bytes. */
    static boolean hasAnnotation(ByteBuffer message) {
        for (int i = 0; i + PREFIX.length <= message.limit(); i++) {
            int same = 0;
            while (same < PREFIX.length && message.get(i + same) == PREFIX[same]) {
                same++;
            }
            if (same == PREFIX.length) {
                return true;
            }
        }
        return false;
    }
}
