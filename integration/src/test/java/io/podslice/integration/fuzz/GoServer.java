package io.podslice.integration.fuzz;

import io.podslice.grpc.http2.Frames;
import io.podslice.grpc.http2.MessageReader;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Random;

/**
 * A runtime that answers unary calls and counts PING strikes as grpc-go's server does (http2_server.go, handlePing):
 * HEADERS and DATA of its own set them back.
 */
final class GoServer extends GoEnd {

    private static final int CANCEL = 8;
    private static final int MOST_STRIKES = 2;
    private static final long WITHOUT_STREAMS = 2 * 60 * 60 * 1_000;

    /** Least milliseconds between two PINGs with nothing sent in between. */
    private final long minTime;

    private final boolean permitsWithoutStreams;
    private boolean resetStrikes;
    private long lastPing = -WITHOUT_STREAMS;
    /** Strikes since the last PING after frames of its own. */
    private int inARow;
    /**
     * True if a keepalive PING crossed a reply, which then sets back no strike for the PING that it provokes: that
     * happens without a tap too.
     */
    private boolean crossed;
    /** The strikes of all the connection's time, but for replies that crossed a keepalive. */
    int strikes;

    GoServer(SocketChannel channel, Random random, long minTime, boolean permitsWithoutStreams) {
        super(channel, random);
        this.minTime = minTime;
        this.permitsWithoutStreams = permitsWithoutStreams;
        expectPreface();
        send(Frames.settings());
    }

    @Override
    void pinged(long opaque) {
        long before = lastPing;
        lastPing = now;
        boolean excused = crossed;
        crossed = resetStrikes && opaque == KEEPALIVE;
        if (resetStrikes) {
            resetStrikes = false;
            inARow = 0;
            return;
        }
        long least = streams.isEmpty() && !permitsWithoutStreams ? WITHOUT_STREAMS : minTime;
        if (now - before < least) {
            strikes += excused ? 0 : 1;
            if (++inARow > MOST_STRIKES) {
                throw new Violation("a runtime would say GOAWAY, too_many_pings");
            }
        }
    }

    /** Answers calls whose requests have come, some sooner than others; returns true if anything went out. */
    boolean act() {
        boolean acted = false;
        for (GoStream stream : List.copyOf(streams.values())) {
            if (!stream.gotEnd || random.nextInt(10) > 0) {
                continue;
            }
            if (stream.body.length == 0) {
                if (random.nextInt(8) == 0) {
                    sendHeaders(stream.id, true, ":status=200", "content-type=application/grpc", "grpc-status=13");
                    streams.remove(stream.id);
                } else {
                    int bytes = random.nextInt(20) == 0 ? 100_000 : random.nextInt(3_000);
                    stream.body = MessageReader.framed(ByteBuffer.allocate(bytes));
                    sendHeaders(stream.id, false, ":status=200", "content-type=application/grpc");
                }
                resetStrikes = true;
                acted = true;
            } else if (stream.sent < stream.body.length) {
                boolean more = sendMore(stream, false);
                resetStrikes |= more;
                acted |= more;
            } else {
                sendHeaders(stream.id, true, "grpc-status=0");
                streams.remove(stream.id);
                resetStrikes = true;
                acted = true;
            }
        }
        return acted;
    }

    @Override
    void sees(Frame frame) {
        // It keeps no time of its own.
    }

    @Override
    void headers(Frame frame) {
        streams.put(frame.stream(), new GoStream(frame.stream()));
    }

    @Override
    void endOf(GoStream stream) {
        // The answer follows when it acts.
    }

    @Override
    void reset(Frame frame) {
        if (frame.integerAt(0) != CANCEL) {
            throw new Violation("a reset that no client sends: " + frame);
        }
        streams.remove(frame.stream());
    }

    @Override
    void ended() {
        throw new Violation("the runtime's connection was closed");
    }
}
