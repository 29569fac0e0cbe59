package io.podslice.nri.mux;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A connected stream socket that carries multiplexed connections. One thread reads at a time, and one writes. */
public interface Trunk extends Closeable {

    /**
     * Waits for bytes and takes at least one.
     *
     * @return how many; -1 if the other end has closed
     */
    int read(ByteBuffer into) throws IOException;

    /** Writes some of what is left in the buffer, waiting while the socket is full. */
    void writeSome(ByteBuffer from) throws IOException;

    /** Closes the socket; who waits in it is woken with an {@link IOException}, or sees the end. */
    @Override
    void close();
}
