package io.podslice.nri.mux;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** The other end of a trunk, byte by byte. */
public final class RawPeer {
    private final SocketChannel channel;

    public RawPeer(SocketChannel channel) {
        this.channel = channel;
    }

    /** A frame as received. */
    public record Frame(int id, ByteBuffer payload) {}

    public Frame readFrame() throws IOException {
        ByteBuffer header = read(8);
        return new Frame(header.getInt(), read(header.getInt()));
    }

    public ByteBuffer read(int count) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(count);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw new EOFException();
            }
        }
        return buffer.flip();
    }

    public void writeFrame(int id, byte[] payload) throws IOException {
        write(ByteBuffer.allocate(8).putInt(id).putInt(payload.length).array());
        write(payload);
    }

    public void write(byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }
}
