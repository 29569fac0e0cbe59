package io.podslice.integration.fuzz;

import com.google.protobuf.ByteString;
import io.podslice.grpc.Header;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * One end of an HTTP/2 connection: sends what the protocol allows and no more, and throws a {@link Violation} on
 * whatever reaches it that the protocol does not allow. Never blocks; used by one thread.
 */
abstract class Peer implements AutoCloseable {

    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int MOST_CHATS = 20;
    private static final int MOST_BLANKS = 4;
    private static final long WINDOW_LIMIT = Integer.MAX_VALUE;

    final Random random;
    final Manners manners;
    final Map<Integer, StreamState> streams = new LinkedHashMap<>();
    final List<Frame> sent = new ArrayList<>();
    final List<Frame> got = new ArrayList<>();

    /** The frames sent, with header blocks in decoded form: {@link Block}s between {@link Frame}s. */
    final List<Object> sentAsRead = new ArrayList<>();

    final List<Object> gotAsRead = new ArrayList<>();

    private final SocketChannel channel;
    private final HpackWriter writer;
    private final BlockReader blocks = new BlockReader();
    private final Outbox outbox;
    private final FrameReader frames = new FrameReader();
    private final ByteBuffer in = ByteBuffer.allocate(1 << 16);

    private Settings peers = Settings.DEFAULT;
    private Settings acknowledged = Settings.DEFAULT;
    private Settings announced = Settings.DEFAULT;
    private final Deque<Settings> unacknowledged = new ArrayDeque<>();
    private final Deque<ByteString> pings = new ArrayDeque<>();
    private int settingsSent;
    private int chats;

    private long sendWindow = 65_535;
    private long receiveWindow = 65_535;
    private int unreturned;
    private long granted = 65_535;

    private boolean eof;
    private boolean broken;
    private boolean closed;

    /** A header block, however it was encoded and cut. */
    record Block(int stream, List<Header> fields, boolean end) {}

    Peer(SocketChannel channel, Random random, Manners manners, Mangler mangler, HuffmanCode huffman) {
        this.channel = channel;
        this.random = random;
        this.manners = manners;
        this.outbox = new Outbox(channel, random, manners.chunk(), mangler);
        this.writer = new HpackWriter(huffman, random);
        this.frames.limit(Settings.DEFAULT.maxFrame());
    }

    /** Sends its first frames. */
    final void begin() {
        announce(manners.first());
        if (manners.connectionCredit() > 0) {
            grant(manners.connectionCredit());
        }
    }

    /** Sends the client's preface, which precedes its first frame (section 3.4). */
    final void sendPreface() {
        outbox.add(PREFACE);
    }

    final void expectPreface() {
        frames.expect(PREFACE);
    }

    /** Does an action of its own, if there is one to do; returns true if it did. */
    abstract boolean act(boolean idle);

    /** Opens a stream at the peer's request. */
    abstract StreamState opened(int stream, List<Header> fields);

    /** Tells if all that was planned has been done and answered. */
    abstract boolean isDone();

    /**
     * Reads a little, acts, writes a little.
     *
     * @param idle true if neither end has had anything to do for a while
     * @return true if anything happened
     */
    final boolean step(boolean idle) {
        boolean moved = read();
        if (!broken && !closed && !outbox.isFull()) {
            moved |= (!manners.stingy() || idle) && random.nextBoolean() && giveBack();
            moved |= act(idle);
            moved |= chat();
        }
        moved |= write();
        return moved;
    }

    private boolean chat() {
        if (chats == MOST_CHATS || random.nextInt(manners.chatty()) > 0 || isDone()) {
            return false;
        }
        chats++;
        switch (random.nextInt(5)) {
            case 0 -> ping();
            case 1 -> send(new Frame(Frame.PRIORITY, 0, 1 + random.nextInt(40), new byte[] {0, 0, 0, 0, 7}));
            case 2 -> {
                byte[] payload = new byte[random.nextInt(200)];
                random.nextBytes(payload);
                // Types of extensions (section 5.5), with flags and streams of their own.
                send(new Frame(11 + random.nextInt(240), random.nextInt(256), random.nextInt(50), payload));
            }
            default -> {
                if (settingsSent < 6) {
                    announce(Manners.settings(random));
                }
            }
        }
        return true;
    }

    final void ping() {
        byte[] payload = new byte[8];
        random.nextBytes(payload);
        pings.add(ByteString.copyFrom(payload));
        send(new Frame(Frame.PING, 0, 0, payload));
    }

    private void announce(Settings settings) {
        send(settings.since(announced));
        announced = settings;
        unacknowledged.add(settings);
        settingsSent++;
        frames.limit(Math.max(frames.limit(), settings.maxFrame()));
    }

    private void grant(int bytes) {
        receiveWindow += bytes;
        granted += bytes;
        send(Frame.windowUpdate(0, bytes));
    }

    /** Gives credit back, all or some of it, on the connection or on a stream. */
    private boolean giveBack() {
        if (unreturned > 0 && random.nextBoolean()) {
            int bytes = random.nextBoolean() ? unreturned : 1 + random.nextInt(unreturned);
            unreturned -= bytes;
            receiveWindow += bytes;
            send(Frame.windowUpdate(0, bytes));
            return true;
        }
        StreamState stream = any();
        if (stream == null || !stream.mayReceive()) {
            return false;
        }
        int bytes = stream.unreturned;
        if (stream.receiveWindow + bytes <= 0) {
            bytes = (int) (1 + random.nextInt(20_000) - stream.receiveWindow);
        } else if (bytes > 0 && stream.receiveWindow < 1_000) {
            // Without it a long message through a window of one byte would take for ever.
            bytes += stream.gotBody.size() / 10;
        }
        if (bytes == 0) {
            return false;
        }
        stream.unreturned = 0;
        stream.receiveWindow += bytes;
        send(Frame.windowUpdate(stream.id, bytes));
        return true;
    }

    /** Returns a stream, more likely a later one; null if there is none. */
    final @Nullable StreamState any() {
        if (streams.isEmpty()) {
            return null;
        }
        int skip = random.nextInt(streams.size());
        for (StreamState stream : streams.values()) {
            if (skip-- == 0) {
                return stream;
            }
        }
        throw new AssertionError();
    }

    final StreamState add(int id, CallPlan plan) {
        StreamState stream = new StreamState(id, plan, peers.initialWindow(), acknowledged.initialWindow());
        streams.put(id, stream);
        return stream;
    }

    final void send(Frame frame) {
        sent.add(frame);
        if (frame.type() != Frame.HEADERS && frame.type() != Frame.CONTINUATION) {
            sentAsRead.add(frame);
        }
        outbox.add(frame);
    }

    final void reset(StreamState stream, int code) {
        stream.sentReset = true;
        send(Frame.reset(stream.id, code));
    }

    final void sendHeaders(StreamState stream, List<Header> fields, boolean end) {
        byte[] bytes = writer.encode(fields);
        stream.headersSent = true;
        sentAsRead.add(new Block(stream.id, fields, end));
        stream.sentHeaders.add(fields);
        stream.sentEnd |= end;
        boolean whole = random.nextInt(3) > 0;
        int type = Frame.HEADERS;
        int at = 0;
        do {
            boolean first = type == Frame.HEADERS;
            int padding = first && random.nextInt(manners.padding()) == 0 ? random.nextInt(256) : -1;
            boolean priority = first && random.nextInt(10) == 0;
            int room = peers.maxFrame() - 300;
            int length = Math.min(room, bytes.length - at);
            if (!whole && random.nextInt(4) > 0) {
                length = random.nextInt(length + 1);
            }
            boolean last = at + length == bytes.length;
            ByteArrayOutputStream payload = new ByteArrayOutputStream();
            if (padding >= 0) {
                payload.write(padding);
            }
            if (priority) {
                payload.writeBytes(new byte[] {0, 0, 0, 0, 15});
            }
            payload.write(bytes, at, length);
            if (padding > 0) {
                payload.writeBytes(new byte[padding]);
            }
            int flags = (last ? Frame.END_HEADERS : 0)
                    | (padding >= 0 ? Frame.PADDED : 0)
                    | (priority ? Frame.PRIORITIZED : 0)
                    | (first && end ? Frame.END_STREAM : 0);
            send(new Frame(type, flags, stream.id, payload.toByteArray()));
            at += length;
            type = Frame.CONTINUATION;
            if (last) {
                break;
            }
        } while (true);
    }

    /** Sends a piece of the stream's body, or its end; returns true if anything could be sent. */
    final boolean sendMore(StreamState stream) {
        int left = stream.body.size() - stream.bodySent;
        if (left == 0) {
            if (stream.trailers.isEmpty()) {
                sendData(stream, 0, -1, true);
            } else {
                sendHeaders(stream, stream.trailers, true);
            }
            return true;
        }
        int padding = random.nextInt(manners.padding()) == 0 ? random.nextInt(256) : -1;
        long room = Math.min(Math.min(sendWindow, stream.sendWindow), peers.maxFrame()) - (padding + 1);
        if (room <= 0 && padding >= 0) {
            padding = -1;
            room = Math.min(sendWindow, stream.sendWindow);
        }
        int length = Math.clamp(room, 0, left);
        if (length == 0) {
            // No byte fits into a closed window, but an empty frame is not forbidden.
            if (stream.blanks < MOST_BLANKS && random.nextInt(20) == 0) {
                stream.blanks++;
                sendData(stream, 0, -1, false);
            }
            return false;
        }
        if (random.nextInt(manners.small()) == 0) {
            length = Math.min(length, left / 40 + 1 + random.nextInt(10));
        }
        boolean end = length == left && stream.trailers.isEmpty() && random.nextBoolean();
        sendData(stream, length, padding, end);
        return true;
    }

    private void sendData(StreamState stream, int length, int padding, boolean end) {
        ByteArrayOutputStream payload = new ByteArrayOutputStream(length);
        if (padding >= 0) {
            payload.write(padding);
        }
        payload.writeBytes(
                stream.body.substring(stream.bodySent, stream.bodySent + length).toByteArray());
        if (padding > 0) {
            payload.writeBytes(new byte[padding]);
        }
        stream.bodySent += length;
        stream.sentEnd |= end;
        sendWindow -= payload.size();
        stream.sendWindow -= payload.size();
        int flags = (end ? Frame.END_STREAM : 0) | (padding >= 0 ? Frame.PADDED : 0);
        send(new Frame(Frame.DATA, flags, stream.id, payload.toByteArray()));
    }

    private boolean write() {
        if (broken || closed) {
            return false;
        }
        try {
            return outbox.write();
        } catch (IOException e) {
            broken = true;
            return true;
        }
    }

    private boolean read() {
        if (eof || closed) {
            return false;
        }
        in.clear();
        if (random.nextInt(4) == 0) {
            in.limit(1 + random.nextInt(3_000));
        }
        int count;
        try {
            count = channel.read(in);
        } catch (IOException e) {
            count = -1;
        }
        if (count < 0) {
            eof = true;
            return true;
        }
        frames.add(in.flip());
        for (Frame frame = frames.next(); frame != null; frame = frames.next()) {
            got.add(frame);
            if (frame.type() != Frame.HEADERS && frame.type() != Frame.CONTINUATION) {
                gotAsRead.add(frame);
            }
            receive(frame);
        }
        return count > 0;
    }

    private void receive(Frame frame) {
        Block block = blocks.take(frame);
        if (block != null) {
            headers(frame, block);
        }
        switch (frame.type()) {
            case Frame.DATA -> data(frame);
            case Frame.RST_STREAM -> {
                StreamState stream = known(frame);
                stream.gotReset = true;
                stream.gotResetCode = frame.integerAt(0);
            }
            case Frame.SETTINGS -> settings(frame);
            case Frame.PING -> {
                if (!frame.has(Frame.ACK)) {
                    send(new Frame(Frame.PING, Frame.ACK, 0, frame.payload()));
                } else if (!ByteString.copyFrom(frame.payload()).equals(pings.poll())) {
                    throw new Violation("an answer to a PING that was not the next one");
                }
            }
            case Frame.WINDOW_UPDATE -> windowUpdate(frame);
            default -> {
                if (frame.type() == 5) {
                    throw new Violation("PUSH_PROMISE from nowhere");
                }
            }
        }
    }

    /** Returns the stream of a frame that only streams which are open, or were, can have. */
    private StreamState known(Frame frame) {
        StreamState stream = streams.get(frame.stream());
        if (stream == null) {
            throw new Violation(frame + " of a stream that is idle");
        }
        if (stream.gotReset) {
            throw new Violation(frame + " after RST_STREAM");
        }
        return stream;
    }

    private void data(Frame frame) {
        receiveWindow -= frame.length();
        unreturned += frame.length();
        if (receiveWindow < 0) {
            throw new Violation("%s is %d bytes more than the connection's window".formatted(frame, -receiveWindow));
        }
        StreamState stream = known(frame);
        if (stream.sentReset) {
            return;
        }
        if (stream.gotEnd) {
            throw new Violation(frame + " after the end of the stream");
        }
        if (stream.gotHeaders.isEmpty()) {
            throw new Violation(frame + " before header fields");
        }
        stream.receiveWindow -= frame.length();
        stream.unreturned += frame.length();
        if (stream.receiveWindow < 0 && frame.length() > 0) {
            throw new Violation("%s is %d bytes more than the stream's window".formatted(frame, -stream.receiveWindow));
        }
        ByteBuffer content = frame.content();
        stream.gotBody.write(content.array(), content.arrayOffset() + content.position(), content.remaining());
        stream.gotEnd |= frame.has(Frame.END_STREAM);
    }

    private void headers(Frame frame, Block block) {
        gotAsRead.add(block);
        StreamState stream =
                streams.containsKey(block.stream()) ? known(frame) : opened(block.stream(), block.fields());
        if (stream.sentReset) {
            return;
        }
        if (stream.gotEnd) {
            throw new Violation(frame + " after the end of the stream");
        }
        if (!stream.gotHeaders.isEmpty() && !block.end()) {
            throw new Violation(frame + ": trailers that do not end the stream");
        }
        stream.gotHeaders.add(block.fields());
        stream.gotEnd |= block.end();
    }

    private void settings(Frame frame) {
        if (!frame.has(Frame.ACK)) {
            Settings before = peers;
            peers = before.with(frame);
            writer.limit(Math.min(peers.headerTable(), 65_536));
            for (StreamState stream : streams.values()) {
                stream.sendWindow += (long) peers.initialWindow() - before.initialWindow();
            }
            send(new Frame(Frame.SETTINGS, Frame.ACK, 0, new byte[0]));
            return;
        }
        Settings now = unacknowledged.poll();
        if (now == null) {
            throw new Violation("SETTINGS acknowledged that were not sent");
        }
        for (StreamState stream : streams.values()) {
            stream.receiveWindow += (long) now.initialWindow() - acknowledged.initialWindow();
        }
        if (now.headerTable() != acknowledged.headerTable()) {
            blocks.limitTable(now.headerTable());
        }
        acknowledged = now;
        int most = now.maxFrame();
        for (Settings later : unacknowledged) {
            most = Math.max(most, later.maxFrame());
        }
        frames.limit(most);
    }

    private void windowUpdate(Frame frame) {
        int increment = frame.integerAt(0);
        if (increment <= 0) {
            throw new Violation(frame + " gives nothing");
        }
        if (frame.stream() == 0) {
            sendWindow += increment;
            if (sendWindow > WINDOW_LIMIT) {
                throw new Violation(frame + " opens the connection's window beyond what it can hold");
            }
            return;
        }
        StreamState stream = known(frame);
        stream.sendWindow += increment;
        if (stream.sendWindow > WINDOW_LIMIT && stream.maySend()) {
            throw new Violation(frame + " opens the stream's window beyond what it can hold");
        }
    }

    /** Tells if everything sent has gone out, everything asked has been answered, and all credit given back. */
    final boolean isQuiet() {
        return unacknowledged.isEmpty() && pings.isEmpty() && unreturned == 0 && outbox.waiting() == 0;
    }

    /** Gives back all of the connection's credit. */
    final void settle() {
        if (unreturned > 0) {
            send(Frame.windowUpdate(0, unreturned));
            receiveWindow += unreturned;
            unreturned = 0;
        }
    }

    /** Returns the number of bytes that it believes it may still send on the connection. */
    final long sendWindow() {
        return sendWindow;
    }

    /** Returns the number of bytes that it has allowed on the connection beyond those that were given back. */
    final long granted() {
        return granted;
    }

    final boolean sawEnd() {
        return eof;
    }

    final boolean isBroken() {
        return broken;
    }

    /** Ends its half of the connection once everything queued is out. */
    final void endOutput() {
        try {
            channel.shutdownOutput();
        } catch (IOException e) {
            broken = true;
        }
    }

    @Override
    public final void close() {
        closed = true;
        try {
            channel.close();
        } catch (IOException e) {
            broken = true;
        }
    }

    /** Describes this end for the report of a failure. */
    final String describe() {
        StringBuilder text = new StringBuilder(getClass().getSimpleName());
        text.append(": ").append(manners);
        text.append("\n  eof %s, broken %s, done %s, quiet %s; may send %d and receive %d, has %d to return"
                .formatted(eof, broken, isDone(), isQuiet(), sendWindow, receiveWindow, unreturned));
        text.append("\n  settings of the peer %s; unacknowledged %s; unanswered pings %d; %d bytes to write"
                .formatted(peers, unacknowledged, pings.size(), outbox.waiting()));
        streams.values().forEach(stream -> text.append("\n  ").append(stream));
        text.append("\n  sent: ").append(tail(sent));
        text.append("\n  got: ").append(tail(got));
        return text.toString();
    }

    private static String tail(List<Frame> frames) {
        int from = Math.max(0, frames.size() - 25);
        return (from > 0 ? from + " more, " : "") + frames.subList(from, frames.size());
    }
}
