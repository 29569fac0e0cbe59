package io.podslice.shim.tap;

import io.podslice.grpc.http2.FrameView;
import io.podslice.grpc.http2.Frames;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Carries what one peer sends to the other: reads what is there, walks over the frames in it, and writes what passes
 * in one piece. Between two reads it stops only where a frame does not pass as it is.
 */
final class Pump {
    private static final byte[] PREFACE = Frames.PREFACE.getBytes(StandardCharsets.US_ASCII);

    private enum Mode {
        /** A client's first bytes. */
        PREFACE,
        FRAMES,
        /** Not HTTP/2. */
        BLIND,
        /** After a broken frame: nothing goes on. */
        DISCARD
    }

    private final Connection connection;
    private final Wire from;
    private final Side side;
    private final ReadSpace space;
    private final FrameView frame;
    private final boolean prefaced;

    private ByteBuffer buffer = ReadSpace.NOTHING;
    private Mode mode;
    private int prefaceSeen;

    /** Bytes that have come and have not been dealt with lie between these two. */
    private int at;

    private int end;
    /** Bytes that must be written lie between this and {@link #at}. */
    private int runFrom;
    /** Index of the first frame in the bytes that must be written; negative if there is none. */
    private int boundary;
    /** Bytes of the passing frame that have not passed yet. */
    private int passing;
    /** Bytes of the skipped frame that have not come yet. */
    private int skipping;
    /** Bytes of the frame at {@link #at} that must have come before its action is known. */
    private int wanted;
    /** True once a frame has passed. */
    private boolean started;
    /** True once the header block of the frame at {@link #at} has been decoded. */
    private boolean decoded;
    /** True while the walk waits until {@link Connection#awaitUncounted} lets it. */
    private boolean waits;
    /** True while the frame that passes is the last to do so. */
    private boolean broken;

    private final CountDownLatch ended = new CountDownLatch(1);
    private int count;
    /** Equals {@link #count}, for other threads. */
    private volatile int reads;

    /**
     * @param space where it reads into; belongs to the pump until it has ended
     * @param prefaced whether the peer is a client, which begins with a preface
     */
    Pump(Connection connection, Wire from, Side side, ReadSpace space, boolean prefaced) {
        this.connection = connection;
        this.from = from;
        this.side = side;
        this.space = space;
        this.frame = new FrameView(buffer);
        this.prefaced = prefaced;
        this.mode = prefaced ? Mode.PREFACE : Mode.FRAMES;
    }

    /** Returns a count that changes with every read. */
    int reads() {
        return reads;
    }

    /** Notes that there is no further turn, and gives back the memory. */
    void end() {
        space.close();
        ended.countDown();
    }

    /** Waits until the pump has ended; false if it has not within that time. */
    boolean awaitEnd(Duration patience) throws InterruptedException {
        return ended.await(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    /**
     * Takes a turn: pumps until nothing has come for now, or the peer has ended its half of the connection.
     *
     * @return true if there will be more; a socket that blocks returns false
     */
    boolean turn() throws IOException {
        buffer = space.begin();
        int read = from.read(buffer);
        for (long i = 1; read > 0; i++) {
            count++;
            reads = count;
            end = buffer.position();
            carry();
            read = i < from.readsATurn() ? from.read(buffer) : 0;
        }
        if (read == 0) {
            space.end(buffer);
            buffer = ReadSpace.NOTHING;
            frame.release();
            return true;
        }
        finish();
        return false;
    }

    /** Has the turn taken when there is something to read. */
    void onceReadable(Runnable turn) {
        from.onceReadable(turn);
    }

    private void finish() throws IOException {
        passRest();
        connection.lock.lock();
        try {
            side.ended();
        } finally {
            connection.lock.unlock();
        }
        side.out.frames.flush();
        connection.flushSoon(side.back.frames);
    }

    /**
     * Passes the beginning of a frame that will not come to its end, as long as nothing is held: a held call may still
     * go on, which it could not within a frame.
     */
    private void passRest() throws IOException {
        at = 0;
        runFrom = 0;
        end = buffer.position();
        markBoundary();
        if (end > 0 && mode != Mode.DISCARD && holdsNothing()) {
            at = end;
            started = true;
            passing = 1;
            write();
        }
        if (midFrame()) {
            side.out.frames.cut();
        }
    }

    private boolean holdsNothing() {
        connection.lock.lock();
        try {
            return connection.streams.size() == 0;
        } finally {
            connection.lock.unlock();
        }
    }

    private void carry() throws IOException {
        if (!prefaced) {
            connection.carries(true);
        }
        at = 0;
        runFrom = 0;
        markBoundary();
        boolean more;
        do {
            connection.lock.lock();
            try {
                more = scan();
            } finally {
                connection.lock.unlock();
            }
            write();
            if (waits) {
                waits = false;
                connection.flushSoon(side.back.frames);
                connection.awaitUncounted(side.out);
            }
        } while (more);
        makeRoom();
        connection.flushSoon(side.back.frames);
        if (!prefaced) {
            connection.carries(midFrame());
        }
        connection.leaveIfOver();
    }

    private boolean midFrame() {
        return passing > 0 || !started;
    }

    private void markBoundary() {
        boundary = midFrame() ? -1 : at;
    }

    private void write() throws IOException {
        OutgoingFrames frames = side.out.frames;
        if (at > runFrom || frames.hasWork()) {
            buffer.limit(at).position(runFrom);
            frames.write(buffer, boundary, midFrame());
            buffer.limit(end);
        }
        runFrom = at;
        markBoundary();
    }

    /** Moves what has not been dealt with to the front, of another buffer if its frame or its peer needs one. */
    private void makeRoom() {
        buffer.limit(end).position(at);
        buffer = space.next(buffer, wanted);
        wanted = 0;
    }

    /**
     * Walks over what has come.
     *
     * @return true if what lies behind must be written before the walk goes on
     */
    private boolean scan() {
        while (at < end) {
            if (mode == Mode.FRAMES && passing == 0 && connection.blind()) {
                mode = Mode.BLIND;
            }
            switch (mode) {
                case PREFACE -> scanPreface();
                case BLIND -> scanBlind();
                case DISCARD -> {
                    if (at > runFrom) {
                        return true;
                    }
                    at = end;
                    runFrom = end;
                }
                case FRAMES -> {
                    if (passing > 0) {
                        pass();
                    } else if (skipping > 0) {
                        skip();
                    } else {
                        FrameAction action = next();
                        if (action == null) {
                            return false;
                        }
                        if (action == FrameAction.FLUSH_FIRST || action == FrameAction.WAIT) {
                            waits = action == FrameAction.WAIT;
                            return true;
                        }
                        follow(action);
                    }
                }
            }
        }
        return false;
    }

    private void scanPreface() {
        if (buffer.get(at) == PREFACE[prefaceSeen]) {
            at++;
            if (++prefaceSeen == PREFACE.length) {
                mode = Mode.FRAMES;
            }
        } else {
            // The runtime tells such a client what it thinks of it.
            connection.goBlind();
            started = true;
            mode = Mode.BLIND;
        }
    }

    /** Ends the connection if a client begins HTTP/2 after other bytes: its calls would pass unseen. */
    private void scanBlind() {
        started = true;
        passing = 0;
        if (prefaced) {
            int seen = 0;
            for (int i = at; i < end; i++) {
                byte b = buffer.get(i);
                seen = b == PREFACE[seen] ? seen + 1 : b == PREFACE[0] ? 1 : 0;
                if (seen == PREFACE.length) {
                    connection.closeSoon();
                    mode = Mode.DISCARD;
                    return;
                }
            }
        }
        at = end;
    }

    private void skip() {
        int n = Math.min(skipping, end - at);
        skipping -= n;
        at += n;
        runFrom = at;
        markBoundary();
    }

    private void pass() {
        int n = Math.min(passing, end - at);
        at += n;
        passing -= n;
        if (passing == 0) {
            started = true;
            if (boundary < 0) {
                boundary = at;
            }
            if (broken) {
                mode = Mode.DISCARD;
                connection.closeAfterBroken();
            }
        }
    }

    /** Looks at the frame at {@link #at}; null if more of it has to come. */
    private @Nullable FrameAction next() {
        if (end - at < Frames.HEADER_BYTES) {
            return null;
        }
        frame.set(buffer, at);
        if (side.wantsWhole(frame)) {
            if (frame.opensBlock() && !frame.followContinuations(end)) {
                return FrameAction.BROKEN;
            }
            if (end - at < frame.size()) {
                wanted = frame.size();
                return null;
            }
            if (frame.opensBlock() && !decode()) {
                return FrameAction.BROKEN;
            }
        }
        return side.action(frame, at == runFrom);
    }

    private boolean decode() {
        if (!frame.findPayload()) {
            return false;
        }
        if (decoded) {
            return true;
        }
        decoded = true;
        return side.decode(frame);
    }

    private void follow(FrameAction action) {
        decoded = false;
        switch (action) {
            case PASS -> passing = frame.size();
            case BROKEN -> {
                passing = frame.size();
                broken = true;
            }
            case TAKEN -> {
                at += frame.size();
                runFrom = at;
                markBoundary();
            }
            case SKIPPED -> skipping = frame.size();
            case FLUSH_FIRST, WAIT -> throw new IllegalStateException("a frame was followed before what precedes it");
        }
    }
}
