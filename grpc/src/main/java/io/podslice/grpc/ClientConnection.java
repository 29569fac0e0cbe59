package io.podslice.grpc;

import io.podslice.grpc.http2.FrameView;
import io.podslice.grpc.http2.Frames;
import io.podslice.grpc.http2.HpackDecoder;
import io.podslice.grpc.http2.HpackException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A client's end of an HTTP/2 connection: reads frame after frame, decodes every header block, and
 * acknowledges SETTINGS and PING. For use by one thread; any other may ping the server, and close the channel.
 */
public final class ClientConnection {
    private static final int FIRST_BUFFER = 32 << 10;
    private static final int MAX_BLOCK = 1 << 20;

    /** Frames without content that a server may send in a row within {@link #FLOOD_NANOS}: acknowledging them costs time. */
    private static final int FLOOD_FRAMES = 10_000;

    private static final long FLOOD_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** For {@link #waitingSince}: the server is not waited for. */
    static final long AT_WORK = 0;

    private final String server;
    private final SocketChannel channel;
    private final ReentrantLock writing = new ReentrantLock();
    private final HpackDecoder decoder = new HpackDecoder(MAX_BLOCK);
    private ByteBuffer in = ByteBuffer.allocate(FIRST_BUFFER).flip();
    private final FrameView frame = new FrameView(in);

    /** Bytes of the frame that {@link #next} returned last. */
    private int returned;

    /** Frames without content in a row, and when the first of them came. */
    private int emptyFrames;

    private long emptySinceNanos;

    private volatile long waitingSince = AT_WORK;
    private volatile boolean heard;

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

    /** Returns the server's name for the text of an error. */
    String server() {
        return server;
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
        waitingSince = now();
        write(bytes);
        waitingSince = AT_WORK;
    }

    /** Asks the server for a sign of life. May be called by any thread; blocks while the server takes nothing. */
    void ping() throws IOException {
        write(Frames.ping(0));
    }

    private void write(ByteBuffer bytes) throws IOException {
        writing.lock();
        try {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        } finally {
            writing.unlock();
        }
    }

    /**
     * Waits for the next frame; a HEADERS frame comes with its CONTINUATION frames, and with its fields decoded. The
     * payload of DATA and HEADERS is found.
     *
     * @return valid until the next call
     * @throws EOFException if the server has closed the connection
     * @throws IOException if the frame breaks the protocol, the server floods the connection, or it breaks
     */
    FrameView next() throws IOException {
        in.position(in.position() + returned);
        returned = 0;
        int wanted = Frames.HEADER_BYTES;
        do {
            need(wanted);
            frame.set(in, in.position());
            if (frame.length() > Frames.MAX_PAYLOAD) {
                throw new IOException(
                        server + " sent a frame of " + frame.length() + " bytes, above " + Frames.MAX_PAYLOAD);
            }
            if (frame.opensBlock() && (!frame.followContinuations(in.limit()) || frame.size() > MAX_BLOCK)) {
                throw new IOException(server + " broke a header block off, or sent one above " + MAX_BLOCK + " bytes");
            }
            wanted = frame.size();
        } while (in.remaining() < wanted);
        returned = wanted;
        heard = true;
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
        guardAgainstFlood();
        if ((frame.opensBlock() || frame.type() == Frames.DATA) && !frame.findPayload()) {
            String name = frame.type() == Frames.DATA ? "DATA" : "HEADERS";
            throw new IOException(
                    server + " sent a " + name + " frame of " + frame.length() + " bytes with more padding than that");
        }
        if (frame.opensBlock()) {
            decode();
        } else if (frame.type() == Frames.SETTINGS && !frame.has(Frames.ACK)) {
            send(Frames.settingsAck());
        } else if (frame.type() == Frames.PING && !frame.has(Frames.ACK) && frame.length() == Long.BYTES) {
            send(Frames.pingAck((long) frame.number(0) << 32 | Integer.toUnsignedLong(frame.number(4))));
        }
    }

    private void decode() throws IOException {
        try {
            frame.decode(decoder, true);
        } catch (HpackException e) {
            throw new IOException(server + " sent a header block that cannot be read: " + e.getMessage(), e);
        }
    }

    private void guardAgainstFlood() throws IOException {
        if (frame.type() == Frames.DATA && frame.length() > 0) {
            emptyFrames = 0;
            return;
        }
        if (emptyFrames++ == 0) {
            emptySinceNanos = System.nanoTime();
        }
        if (emptyFrames > FLOOD_FRAMES) {
            if (System.nanoTime() - emptySinceNanos < FLOOD_NANOS) {
                throw new IOException(server + " sent more than " + FLOOD_FRAMES + " frames without content within "
                        + TimeUnit.NANOSECONDS.toSeconds(FLOOD_NANOS) + " s");
            }
            emptyFrames = 0;
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
            waitingSince = now();
            int n = channel.read(in);
            waitingSince = AT_WORK;
            in.flip();
            if (n < 0) {
                throw new EOFException(server + " closed the connection");
            }
        }
    }

    // ---- For a thread that watches

    /**
     * Returns the {@link System#nanoTime} at which the connection's thread began to wait for the server, to send or to
     * take something; {@link #AT_WORK} while it does not.
     */
    long waitingSince() {
        return waitingSince;
    }

    /** Tells whether the server has sent a frame. */
    boolean hasHeard() {
        return heard;
    }

    private static long now() {
        long now = System.nanoTime();
        return now == AT_WORK ? now + 1 : now;
    }
}
