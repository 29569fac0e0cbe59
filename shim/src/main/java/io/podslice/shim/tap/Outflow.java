package io.podslice.shim.tap;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** The frames that wait on one stream in one direction. Guarded by the connection's lock. */
final class Outflow {

    /** The treatment of frames that arrive. */
    enum Gate {
        /** They go on as they are. */
        PASS,
        /** They wait behind those that came before. */
        QUEUE,
        /** They go no further: the stream was answered here. */
        DROP
    }

    /** An entry of the queue. */
    sealed interface Item {}

    /**
     * Payload of DATA frames.
     *
     * @param padding whether it is only padding: the bytes say nothing but cost of the windows like others
     */
    record Payload(ByteRange bytes, boolean end, boolean padding) implements Item {
        Payload(ByteRange bytes, boolean end) {
            this(bytes, end, false);
        }
    }

    /** A header block. */
    record Block(HeaderFields fields, boolean end) implements Item {}

    /** RST_STREAM. */
    record Reset(int error) implements Item {}

    final ArrayDeque<Item> queue = new ArrayDeque<>();

    /** The stream's window; null where the sender's own count of it holds, since nothing was ever changed. */
    final @Nullable FlowWindow window;

    Gate gate = Gate.PASS;

    /** True while what waits may go as soon as the windows let it. */
    boolean released;

    Outflow(@Nullable FlowWindow window) {
        this.window = window;
    }

    /** Lets frames wait from here on, until {@link #released}. */
    void hold() {
        gate = Gate.QUEUE;
        released = false;
    }

    /** Returns the bytes of payload that wait. */
    long waiting() {
        long bytes = 0;
        for (Item item : queue) {
            if (item instanceof Payload payload) {
                bytes += payload.bytes().length();
            }
        }
        return bytes;
    }
}
