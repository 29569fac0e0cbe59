package io.podslice.shim.tap;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The way out to one peer. One pump writes what the other peer sent, in pieces that may end within a frame; any thread
 * may inject whole frames of podslice's own. These go out between frames, never within one, in the order injected, and
 * before whatever the pump writes later.
 *
 * <p>At first the output counts as within a frame: nothing is injected before the first frame has passed, since a peer
 * must begin with its SETTINGS.
 */
final class OutgoingFrames {
    private static final int MANY = 256;

    /** Most bytes of frames in line that are copied into one piece, since a call of the kernel costs more than that. */
    private static final int MOST_JOINED = 16 << 10;

    private final Wire to;
    private final Queue<Injected> injected = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicInteger due = new AtomicInteger();
    private final ReentrantLock writing = new ReentrantLock();
    private boolean midFrame = true;
    private boolean cut;
    private boolean shut;
    private volatile boolean ending;

    /**
     * Frames in line.
     *
     * @param due whether they have to be written soon, or only before whatever is
     */
    private record Injected(List<ByteBuffer> frames, boolean due) {}

    OutgoingFrames(Wire to) {
        this.to = to;
    }

    /** Puts frames in line, in one or more pieces; they are written by the next {@link #write} or {@link #flush}. Does not block. */
    void inject(ByteBuffer... frames) {
        due.incrementAndGet();
        waiting.incrementAndGet();
        injected.add(new Injected(List.of(frames), true));
    }

    /** Puts frames in line that say nothing yet to the peer: they are written with those that follow. Does not block. */
    void injectWithNext(ByteBuffer... frames) {
        waiting.incrementAndGet();
        injected.add(new Injected(List.of(frames), false));
    }

    /** Tells whether so much is in line already, for a peer that does not read, that what can do without must. */
    boolean isFull() {
        return waiting.get() >= MANY;
    }

    /** Shuts the output down once what is in line has been written, by the next {@link #flush}. Does not block. */
    void end() {
        ending = true;
    }

    /**
     * Drops what is in line and shuts the output down: the peer whose bytes pass here has ended within a frame, and no
     * frame can follow. Called by its pump.
     */
    void cut() throws IOException {
        writing.lock();
        try {
            cut = true;
            shut();
        } finally {
            writing.unlock();
        }
    }

    /** Tells whether {@link #flush} may have something to do. */
    boolean hasWork() {
        return ending || due.get() > 0;
    }

    /**
     * Writes what passes, and what is in line wherever a frame ends. Blocks while the peer takes nothing.
     *
     * @param run the bytes
     * @param boundary index in {@code run} at which the first frame begins; negative if there is none. Counts only
     *     where the bytes written before ended within a frame
     * @param endsMidFrame whether the bytes end within a frame
     */
    void write(ByteBuffer run, int boundary, boolean endsMidFrame) throws IOException {
        writing.lock();
        try {
            if (!injected.isEmpty()) {
                if (midFrame && boundary >= 0) {
                    int limit = run.limit();
                    to.write(run.limit(boundary));
                    run.limit(limit);
                    midFrame = false;
                }
                writeInjected();
            }
            to.write(run);
            midFrame = endsMidFrame;
            writeInjected();
        } finally {
            writing.unlock();
        }
    }

    /** Writes the frames in line, unless the output is within a frame. Blocks while the peer takes nothing. */
    void flush() throws IOException {
        writing.lock();
        try {
            writeInjected();
            if (ending && injected.isEmpty()) {
                shut();
            }
        } finally {
            writing.unlock();
        }
    }

    private void shut() throws IOException {
        if (!shut) {
            shut = true;
            to.shutdownOutput();
        }
    }

    private void writeInjected() throws IOException {
        if (cut) {
            injected.clear();
            waiting.set(0);
            due.set(0);
        }
        if (midFrame) {
            return;
        }
        List<ByteBuffer> pieces = new ArrayList<>();
        int bytes = 0;
        for (Injected next = injected.poll(); next != null; next = injected.poll()) {
            waiting.decrementAndGet();
            if (next.due) {
                due.decrementAndGet();
            }
            for (ByteBuffer piece : next.frames) {
                if (bytes + piece.remaining() > MOST_JOINED) {
                    writeJoined(pieces, bytes);
                    pieces.clear();
                    bytes = 0;
                }
                pieces.add(piece);
                bytes += piece.remaining();
            }
        }
        writeJoined(pieces, bytes);
    }

    private void writeJoined(List<ByteBuffer> pieces, int bytes) throws IOException {
        if (pieces.size() == 1) {
            to.write(pieces.getFirst());
        } else if (bytes > 0) {
            ByteBuffer joined = ByteBuffer.allocate(bytes);
            pieces.forEach(joined::put);
            to.write(joined.flip());
        }
    }
}
