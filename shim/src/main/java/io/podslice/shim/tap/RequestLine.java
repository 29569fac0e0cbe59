package io.podslice.shim.tap;

import io.podslice.shim.tap.Outflow.Item;
import io.podslice.shim.tap.Outflow.Payload;
import java.nio.ByteBuffer;

/**
 * The request of a held call where it waits in line for the runtime. Guarded by the connection's lock.
 *
 * @param call has collected it
 */
record RequestLine(Call call) {

    /** A message of more bytes is not copied to have gRPC's prefix in front. */
    private static final int LARGEST_COPIED = 64 << 10;

    /** Returns the window of the stream for the client's bytes; that of a call that is looked at is always counted. */
    FlowWindow window() {
        FlowWindow window = call.stream.toRuntime.window;
        if (window == null) {
            throw new IllegalStateException("stream " + call.stream.id + " has no window");
        }
        return window;
    }

    /** Puts what has been collected in line, with more to come. */
    void addCollected() {
        addCollected(ByteBuffer.allocate(0), 0, 0, false);
    }

    /**
     * Puts what has been collected in line: the message, and behind it the bytes that follow it.
     *
     * @param at absolute index of the first byte that follows in the buffer
     * @param to absolute index after the last
     * @param end whether the client's side ends there
     */
    void addCollected(ByteBuffer buffer, int at, int to, boolean end) {
        boolean more = at < to;
        call.stream.toRuntime.queue.add(new Payload(call.collected(), end && !more));
        if (more) {
            byte[] rest = new byte[to - at];
            buffer.get(at, rest);
            call.stream.toRuntime.queue.add(new Payload(new ByteRange(rest, 0, rest.length), end));
        }
    }

    /** Puts another message in the place of the one that was collected. */
    void replace(ByteBuffer replacement) {
        Item first = call.stream.toRuntime.queue.removeFirst();
        if (!(first instanceof Payload original)) {
            throw new IllegalStateException("a held message is not first in line: " + first);
        }
        if (replacement.hasArray() && replacement.remaining() > LARGEST_COPIED) {
            int from = replacement.arrayOffset() + replacement.position();
            ByteRange body = new ByteRange(replacement.array(), from, from + replacement.remaining());
            call.stream.toRuntime.queue.addFirst(new Payload(body, original.end()));
            call.stream.toRuntime.queue.addFirst(new Payload(Message.prefix(replacement), false));
        } else {
            call.stream.toRuntime.queue.addFirst(new Payload(Message.framed(replacement), original.end()));
        }
        int difference = Math.toIntExact(Message.framedLength(replacement.remaining()))
                - original.bytes().length();
        window().requeue(difference);
        call.connection.toRuntime.window.requeue(difference);
        call.connection.credit.settle(call.connection.toRuntime, call.stream);
    }
}
