package io.podslice.grpc;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Takes the messages of a stream, one after the other. */
@FunctionalInterface
public interface MessageConsumer {

    /**
     * Takes one message. While it is at work nothing is read, and the server soon waits.
     *
     * @param message uncompressed; with an array, which is the consumer's from now on
     * @throws IOException if the stream is of no use any more; it ends the call
     */
    void take(ByteBuffer message) throws IOException;
}
