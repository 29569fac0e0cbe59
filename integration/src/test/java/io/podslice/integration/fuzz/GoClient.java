package io.podslice.integration.fuzz;

import io.podslice.grpc.http2.Frames;
import io.podslice.grpc.http2.MessageReader;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Random;

/** A client that makes unary calls as grpc-go does, cancels some, and sends keepalive PINGs while it has streams. */
final class GoClient extends GoEnd {

    private static final int CANCEL = 8;

    /** Milliseconds without a frame after which it sends a keepalive PING. */
    private final long keepalive;

    private int nextId = 1;
    private long lastRead = now;
    private boolean keptAlive;
    /** The calls that have ended. */
    int ended;

    GoClient(SocketChannel channel, Random random, long keepalive) {
        super(channel, random);
        this.keepalive = keepalive;
        send(Frames.preface());
        send(Frames.settings());
    }

    void call(String path, int bytes) {
        GoStream stream = new GoStream(nextId);
        nextId += 2;
        stream.body = MessageReader.framed(ByteBuffer.allocate(bytes));
        streams.put(stream.id, stream);
        sendHeaders(
                stream.id,
                false,
                ":method=POST",
                ":scheme=http",
                ":path=" + path,
                ":authority=localhost",
                "content-type=application/grpc",
                "te=trailers");
    }

    /** Sends what there is to send; returns true if anything went out. */
    boolean act() {
        boolean acted = false;
        for (GoStream stream : List.copyOf(streams.values())) {
            if (!stream.sentEnd) {
                acted |= sendMore(stream, true);
            }
            if (random.nextInt(2_000) == 0) {
                send(Frames.rstStream(stream.id, CANCEL));
                done(stream.id);
                acted = true;
            }
        }
        if (!streams.isEmpty() && now - lastRead >= keepalive && !keptAlive) {
            keptAlive = true;
            ping(KEEPALIVE);
            acted = true;
        }
        return acted;
    }

    private void done(int id) {
        if (streams.remove(id) != null) {
            ended++;
        }
    }

    @Override
    void sees(Frame frame) {
        lastRead = now;
        keptAlive = false;
    }

    @Override
    void headers(Frame frame) {
        if (frame.has(Frame.END_STREAM)) {
            done(frame.stream());
        }
    }

    @Override
    void endOf(GoStream stream) {
        throw new Violation("a response without trailers on stream " + stream.id);
    }

    @Override
    void reset(Frame frame) {
        if (streams.containsKey(frame.stream())) {
            throw new Violation("a call was reset: " + frame);
        }
    }

    @Override
    void pinged(long opaque) {
        // A client of grpc-go counts no strikes.
    }

    @Override
    void ended() {
        throw new Violation("the client's connection was closed");
    }
}
