package io.podslice.grpc;

import io.podslice.grpc.http2.MessageReader;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Makes messages of the payloads of a stream's DATA frames: one message may lie in many frames, and many in one frame.
 * Never holds more than one message, nor more of it than has come.
 */
final class MessageSplitter {
    private final String server;
    private final int mostBytes;
    private final MessageConsumer consumer;
    private MessageReader reader = new MessageReader();

    /** @param mostBytes the most bytes that a message may have */
    MessageSplitter(String server, int mostBytes, MessageConsumer consumer) {
        this.server = server;
        this.mostBytes = mostBytes;
        this.consumer = consumer;
    }

    /**
     * Takes a frame's payload, and hands on the messages that end in it.
     *
     * @param from absolute index of the payload's first byte
     * @param to absolute index after its last
     * @throws IOException if a message is too large or compressed, or the consumer fails
     */
    void take(ByteBuffer payload, int from, int to) throws IOException {
        for (int at = from; at < to; ) {
            at = reader.take(payload, at, to);
            if (reader.begun()) {
                check();
            }
            if (reader.whole()) {
                // Not read-only: protobuf's reader would copy it, since it could not reach the array.
                ByteBuffer message = ByteBuffer.wrap(
                                reader.bytes(), MessageReader.PREFIX_BYTES, reader.have() - MessageReader.PREFIX_BYTES)
                        .slice();
                reader = new MessageReader();
                consumer.take(message);
            }
        }
    }

    private void check() throws IOException {
        if (reader.declared() > mostBytes) {
            throw new IOException(server + " sent a message of " + reader.declared() + " bytes, above " + mostBytes);
        }
        if (reader.flag() != 0) {
            throw new IOException(server + " compressed a message, which it was not told it may");
        }
    }

    /** @throws EOFException if a message has begun and not ended */
    void end() throws EOFException {
        if (reader.have() > 0) {
            String whole =
                    reader.begun() ? Long.toString(MessageReader.PREFIX_BYTES + reader.declared()) : "at least 5";
            throw new EOFException(
                    server + " ended the stream within a message, after " + reader.have() + " bytes of " + whole);
        }
    }
}
