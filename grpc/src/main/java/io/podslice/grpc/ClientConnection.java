package io.podslice.grpc;

import io.podslice.grpc.http2.FrameView;
import io.podslice.grpc.http2.Frames;
import io.podslice.grpc.http2.HpackDecoder;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * A client's end of an HTTP/2 connection: reads frame after frame, decodes every header block, and
 * acknowledges SETTINGS and PING. For use by one thread; the channel may be closed by any.
 */
public final class ClientConnection {
    private static final int FIRST_BUFFER = 32 << 10;
    private static final int MAX_BLOCK = 1 << 20;

    private final String server;
    private final SocketChannel channel;
    private final HpackDecoder decoder = new HpackDecoder(MAX_BLOCK);
    private ByteBuffer in = ByteBuffer.allocate(FIRST_BUFFER).flip();
    private final FrameView frame = new FrameView(in);

    /** Bytes of the frame that {@link #next} returned last. */
    private int returned;

    /**
     * A connection on which nothing has been sent.
     *
     * @param server its name for the text of an error
     * @param channel connected, in blocking mode
     */
    public ClientConnection(String server, SocketChannel channel) {
        this.server = server;
        this.channel = channel;
    }

    /**
     * Sends what a client sends first.
     *
     * @param settings pairs of identifier and value
     */
    public void open(int... settings) throws IOException {
        send(Frames.preface());
        send(Frames.settings(settings));
    }

    /** Writes a frame. Blocks while the server takes nothing. */
    void send(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /**
     * Waits for the next frame; a HEADERS frame comes with its CONTINUATION frames, and with its fields decoded. The
     * payload of DATA and HEADERS is found.
     *
     * @return valid until the next call
     * @throws EOFException if the server has closed the connection
     * @throws IOException if the frame breaks the protocol, or the connection breaks
     */
    FrameView next() throws IOException {
        in.position(in.position() + returned);
        returned = 0;
        int wanted = Frames.HEADER_BYTES;
        do {
            need(wanted);
            frame.set(in, in.position());
            if (frame.length() > Frames.MAX_PAYLOAD) {
                throw new IOException("frame of " + frame.length() + " bytes, above " + Frames.MAX_PAYLOAD);
            }
            if (frame.opensBlock() && (!frame.followContinuations(in.limit()) || frame.size() > MAX_BLOCK)) {
                throw new IOException("header block broken off, or above " + MAX_BLOCK + " bytes");
            }
            wanted = frame.size();
        } while (in.remaining() < wanted);
        returned = wanted;
        look();
        return frame;
    }

    /** Waits until the server serves: its SETTINGS are the first that it sends then. */
    public void awaitSettings() throws IOException {
        while (next().type() != Frames.SETTINGS) {
            // Other frames say nothing of it.
        }
    }

    /** Stays until the server closes the connection, which is thrown as an {@link EOFException}. */
    public void awaitEnd() throws IOException {
        while (true) {
            next();
        }
    }

    private void look() throws IOException {
        if ((frame.opensBlock() || frame.type() == Frames.DATA) && !frame.findPayload()) {
            String name = frame.type() == Frames.DATA ? "DATA" : "HEADERS";
            throw new IOException(name + " frame of " + frame.length() + " bytes with more padding than that");
        }
        if (frame.opensBlock()) {
            frame.decode(decoder, true);
        } else if (frame.type() == Frames.SETTINGS && !frame.has(Frames.ACK)) {
            send(Frames.settingsAck());
        } else if (frame.type() == Frames.PING && !frame.has(Frames.ACK) && frame.length() == Long.BYTES) {
            send(Frames.pingAck((long) frame.number(0) << 32 | Integer.toUnsignedLong(frame.number(4))));
        }
    }

    private void need(int bytes) throws IOException {
        while (in.remaining() < bytes) {
            if (in.capacity() < bytes) {
                in = ByteBuffer.allocate(Math.max(bytes, 2 * in.capacity()))
                        .put(in)
                        .flip();
            }
            in.compact();
            int n = channel.read(in);
            in.flip();
            if (n < 0) {
                throw new EOFException(server + " closed the connection");
            }
        }
    }
}
