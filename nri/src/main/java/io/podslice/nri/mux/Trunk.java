package io.podslice.nri.mux;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A connected stream socket that carries multiplexed connections. One thread reads at a time, and one writes. */
public interface Trunk extends Closeable {

    /**
     * Waits for bytes and reads at least one.
     *
     * @return the number of bytes read; -1 if the other end has closed
     */
    int read(ByteBuffer into) throws IOException;

    /** Writes some of the buffer's remaining bytes, waiting while the socket is full. */
    void writeSome(ByteBuffer from) throws IOException;

    /** Closes the socket; a thread that waits in it gets an {@link IOException} or the end of the stream. */
    @Override
    void close();
}
