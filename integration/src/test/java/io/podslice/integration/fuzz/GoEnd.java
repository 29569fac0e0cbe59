package io.podslice.integration.fuzz;

import io.podslice.grpc.http2.Field;
import io.podslice.grpc.http2.Frames;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * One end of a connection with the habits of grpc-go's transport (1.79, internal/transport: bdp_estimator.go,
 * flowcontrol.go): a PING after the first DATA since the last one was acknowledged, credit given back a quarter of the
 * window at a time and before each such PING. Time is a number that the test sets. Used by one thread.
 */
abstract class GoEnd implements AutoCloseable {

    /** The eight bytes by which grpc-go knows its bandwidth PING. */
    static final long BANDWIDTH = 0x02_04_10_10_09_0e_07_07L;

    static final long KEEPALIVE = 0;

    private static final int WINDOW = 65_535;
    private static final int MOST_PAYLOAD = 16_384;

    final Random random;
    final Map<Integer, GoStream> streams = new TreeMap<>();
    /** The PINGs that are not acknowledged, oldest first. */
    final Deque<Long> pings = new ArrayDeque<>();

    /** Milliseconds. */
    long now = 1;

    private final SocketChannel channel;
    private final Outbox outbox;
    private final FrameReader frames = new FrameReader();
    private final ByteBuffer in = ByteBuffer.allocate(1 << 16);
    private long sendWindow = WINDOW;
    private int unreturned;
    private boolean measuring;
    private boolean eof;

    /** One call as this end sees it. */
    static final class GoStream {
        final int id;
        byte[] body = new byte[0];
        int sent;
        long sendWindow = WINDOW;
        int unreturned;
        boolean sentEnd;
        boolean gotEnd;

        GoStream(int id) {
            this.id = id;
        }
    }

    GoEnd(SocketChannel channel, Random random) {
        this.channel = channel;
        this.random = random;
        this.outbox =
                new Outbox(channel, random, random.nextBoolean() ? 0 : 1 + random.nextInt(200), new Mangler(random, 0));
        frames.limit(MOST_PAYLOAD);
    }

    final void expectPreface() {
        frames.expect(Frames.preface().array());
    }

    final void send(ByteBuffer frame) {
        byte[] bytes = new byte[frame.remaining()];
        frame.get(bytes);
        outbox.add(bytes);
    }

    final void sendHeaders(int stream, boolean end, String... fields) {
        send(Frames.headers(
                stream,
                Stream.of(fields)
                        .map(field -> Field.of(
                                field.substring(0, field.indexOf('=')), field.substring(field.indexOf('=') + 1)))
                        .toList(),
                end,
                new byte[0],
                Frames.NO_TABLE_UPDATE));
    }

    final void ping(long opaque) {
        pings.add(opaque);
        outbox.add(new Frame(
                Frame.PING, 0, 0, ByteBuffer.allocate(8).putLong(opaque).array()));
    }

    /** Writes and reads what there is; returns true if there was anything. */
    final boolean exchange() throws IOException {
        boolean wrote = outbox.write();
        in.clear();
        int count = eof ? 0 : channel.read(in);
        if (count < 0) {
            eof = true;
            ended();
        } else if (count > 0) {
            frames.add(in.flip());
            for (Frame frame = frames.next(); frame != null; frame = frames.next()) {
                receive(frame);
            }
        }
        return wrote || count > 0;
    }

    /** Called when the other end has closed the connection. */
    abstract void ended();

    /** Called for each frame before it is acted on. */
    abstract void sees(Frame frame);

    abstract void headers(Frame frame);

    /** Called when the other end's side of a stream has ended. */
    abstract void endOf(GoStream stream);

    abstract void reset(Frame frame);

    /** Called for a PING, which is acknowledged already. */
    abstract void pinged(long opaque);

    private void receive(Frame frame) {
        sees(frame);
        switch (frame.type()) {
            case Frame.DATA -> data(frame);
            case Frame.HEADERS -> headers(frame);
            case Frame.RST_STREAM -> reset(frame);
            case Frame.SETTINGS -> {
                if (!frame.has(Frame.ACK)) {
                    send(Frames.settingsAck());
                }
            }
            case Frame.PING -> ping(frame);
            case Frame.GOAWAY -> throw new Violation("GOAWAY, error " + frame.integerAt(4));
            case Frame.WINDOW_UPDATE -> windowUpdate(frame);
            default -> throw new Violation("unexpected " + frame);
        }
    }

    private void ping(Frame frame) {
        long opaque = ByteBuffer.wrap(frame.payload()).getLong();
        if (!frame.has(Frame.ACK)) {
            send(Frames.pingAck(opaque));
            pinged(opaque);
            return;
        }
        Long oldest = pings.poll();
        if (oldest == null || oldest != opaque) {
            throw new Violation("PING %x acknowledged in the place of %x".formatted(opaque, oldest));
        }
        if (opaque == BANDWIDTH) {
            measuring = false;
        }
    }

    private void data(Frame frame) {
        boolean measures = !measuring;
        measuring = true;
        unreturned += frame.length();
        if (unreturned >= WINDOW / 4 || measures) {
            giveBack();
        }
        if (measures) {
            ping(BANDWIDTH);
        }
        GoStream stream = streams.get(frame.stream());
        if (stream == null) {
            return;
        }
        stream.unreturned += frame.length();
        if (stream.unreturned >= WINDOW / 4) {
            send(Frames.windowUpdate(stream.id, stream.unreturned));
            stream.unreturned = 0;
        }
        if (frame.has(Frame.END_STREAM)) {
            stream.gotEnd = true;
            endOf(stream);
        }
    }

    private void giveBack() {
        if (unreturned > 0) {
            send(Frames.windowUpdate(0, unreturned));
            unreturned = 0;
        }
    }

    private void windowUpdate(Frame frame) {
        GoStream stream = streams.get(frame.stream());
        if (frame.stream() == 0) {
            sendWindow += frame.integerAt(0);
        } else if (stream != null) {
            stream.sendWindow += frame.integerAt(0);
        }
    }

    /**
     * Sends the next piece of a body.
     *
     * @param end whether the stream ends with the last of it
     * @return true if anything went out
     */
    final boolean sendMore(GoStream stream, boolean end) {
        long room = Math.min(Math.min(sendWindow, stream.sendWindow), MOST_PAYLOAD);
        int length = Math.clamp(room, 0, stream.body.length - stream.sent);
        if (length == 0) {
            return false;
        }
        boolean last = end && stream.sent + length == stream.body.length;
        send(Frames.data(stream.id, stream.body, stream.sent, length, last));
        stream.sent += length;
        stream.sentEnd |= last;
        stream.sendWindow -= length;
        sendWindow -= length;
        return true;
    }

    /** Tells if all PINGs are acknowledged and all bytes written. */
    final boolean isQuiet() {
        return pings.isEmpty() && outbox.waiting() == 0;
    }

    @Override
    public final void close() throws IOException {
        channel.close();
    }

    @Override
    public String toString() {
        return "%s: unacknowledged PINGs %s, streams %s, to write %d, eof %s"
                .formatted(getClass().getSimpleName(), pings, streams.keySet(), outbox.waiting(), eof);
    }
}
