package io.podslice.shim.tap;

import java.nio.ByteBuffer;

/** A large buffer that belongs to one pump while that runs: each read takes as much as has come. */
final class OwnSpace implements ReadSpace {
    private final ReadBuffers buffers;
    private final ByteBuffer own;

    OwnSpace(ReadBuffers buffers) {
        this.buffers = buffers;
        this.own = buffers.take();
    }

    @Override
    public ByteBuffer first() {
        return own;
    }

    @Override
    public ByteBuffer next(ByteBuffer read, int wanted) {
        if (wanted > read.capacity()) {
            return ReadSpace.grown(read, wanted);
        }
        if (read.capacity() > own.capacity() && Math.max(wanted, read.remaining()) < own.capacity()) {
            return own.clear().put(read);
        }
        return read.compact();
    }

    @Override
    public void close() {
        buffers.giveBack(own);
    }
}
