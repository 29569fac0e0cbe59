package io.podslice.integration.fuzz;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Random;

/** Takes frames that one end has to write, and writes their bytes in pieces as its manners have it. Never blocks. */
final class Outbox {

    private static final int BACKLOG = 300_000;

    private final SocketChannel channel;
    private final Random random;
    private final int chunk;
    private final Mangler mangler;
    private final ByteArrayOutputStream queued = new ByteArrayOutputStream();
    private ByteBuffer out = ByteBuffer.allocate(0);

    /** @param chunk most bytes written at once; 0: as many as the socket takes */
    Outbox(SocketChannel channel, Random random, int chunk, Mangler mangler) {
        this.channel = channel;
        this.random = random;
        this.chunk = chunk;
        this.mangler = mangler;
    }

    void add(byte[] bytes) {
        queued.writeBytes(bytes);
    }

    void add(Frame frame) {
        frame.writeTo(queued);
    }

    /** Returns the number of bytes that wait. */
    int waiting() {
        return queued.size() + out.remaining();
    }

    /** Tells if so much waits that nothing should be added. */
    boolean isFull() {
        return waiting() >= BACKLOG;
    }

    /** Writes a piece; returns true if any bytes went out. */
    boolean write() throws IOException {
        if (!out.hasRemaining()) {
            if (queued.size() == 0) {
                return false;
            }
            out = ByteBuffer.wrap(mangler.mangle(queued.toByteArray()));
            queued.reset();
        }
        int length = out.remaining();
        if (chunk > 0) {
            length = Math.min(length, Math.max(1 + random.nextInt(chunk), length / 50));
        }
        int written = channel.write(out.slice(out.position(), length));
        out.position(out.position() + written);
        return written > 0;
    }
}
