package io.podslice.shim.tap;

import java.nio.ByteBuffer;

/** A large buffer that belongs to one pump while that runs, in a single turn. */
final class OwnSpace implements ReadSpace {
    private final ReadBuffers buffers;
    private final ByteBuffer own;

    OwnSpace(ReadBuffers buffers) {
        this.buffers = buffers;
        this.own = buffers.take();
    }

    @Override
    public ByteBuffer begin() {
        return own;
    }

    @Override
    public ByteBuffer base(int bytes) {
        return own.clear();
    }

    @Override
    public void end(ByteBuffer read) {
        throw new IllegalStateException("the turn of a socket that blocks ends with the connection");
    }

    @Override
    public void close() {
        buffers.giveBack(own);
    }
}
