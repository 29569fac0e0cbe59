package io.podslice.shim.tap;

import io.podslice.grpc.http2.Frames;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The end of a client's connection by GOAWAY, as gRPC's servers end one (RFC 9113, 6.8). A first GOAWAY names no stream:
 * the client opens no more of them, and uses another connection for its next call. A PING behind it comes back once the
 * client has seen it; a second GOAWAY then names the newest stream that has gone on to the runtime. What the client may
 * have opened above that never reaches the runtime, and the client repeats it by itself. The connection ends when its last
 * call has ended. Guarded by the connection's lock.
 */
final class Farewell {
    /** The last stream of a GOAWAY that leaves open which one it is. */
    private static final int ANY_STREAM = Integer.MAX_VALUE;

    /** The most endless calls that are remembered; a kubelet has one. */
    private static final int MOST_ENDLESS = 16;

    private enum State {
        /** The connection serves. */
        SERVING,
        /** The client has been asked to open no more streams. */
        ASKED,
        /** The client knows the last stream that counts. */
        SAID
    }

    private final Connection connection;
    private final long question = ThreadLocalRandom.current().nextLong();
    private volatile State state = State.SERVING;
    /** The newest stream that has gone on to the runtime. */
    private int newest;
    /** The last stream by the latest GOAWAY of either sender: a later one must not name a higher one. */
    private int last = ANY_STREAM;
    /** The streams that have gone on to the runtime and have not ended, in rising order. */
    private int[] open = new int[8];

    private int openCount;
    /** The newest endless calls, in a ring. */
    private int[] endless = {};

    private int endlessSeen;

    Farewell(Connection connection) {
        this.connection = connection;
    }

    /** Begins: asks the client to open no more streams, and resets the calls that would not end. May be called again. */
    void begin() {
        if (state != State.SERVING || connection.blind()) {
            return;
        }
        state = State.ASKED;
        Direction toClient = connection.toClient;
        toClient.frames.inject(Frames.goAway(last, Frames.NO_ERROR), Frames.ping(question));
        for (int stream : Arrays.copyOf(endless, Math.min(endlessSeen, endless.length))) {
            reset(stream);
        }
    }

    /** Resets a call for both peers; one that has ended by itself is no matter to either. */
    private void reset(int id) {
        Stream stream = connection.streams.get(id);
        if (stream == null) {
            stream = connection.track(id);
        }
        stream.toRuntime.gate = Outflow.Gate.DROP;
        connection.discard(connection.toRuntime, stream);
        stream.toClient.gate = Outflow.Gate.DROP;
        connection.discard(connection.toClient, stream);
        connection.answered(stream);
        connection.cancelInRuntime(stream);
        connection.toClient.frames.inject(Frames.rstStream(id, Frames.REFUSED_STREAM));
    }

    /** Notes an endless call that passes. */
    void passesEndless(int stream) {
        if (endless.length == 0) {
            endless = new int[MOST_ENDLESS];
        }
        endless[endlessSeen % MOST_ENDLESS] = stream;
        endlessSeen = endlessSeen == Integer.MAX_VALUE - MOST_ENDLESS + 1 ? MOST_ENDLESS : endlessSeen + 1;
    }

    /** Tells if a stream that the client opens must not reach the runtime; one that may counts as gone on. */
    boolean refuses(int stream) {
        if (state == State.SAID && stream > last) {
            return true;
        }
        if (stream % 2 != 0 && stream > newest) { // one that a client may open
            newest = stream;
            if (openCount == open.length) {
                open = Arrays.copyOf(open, 2 * openCount);
            }
            open[openCount++] = stream;
        }
        return false;
    }

    /** Notes that a stream has ended, for the runtime or for the client; one that had ended before is no matter. */
    void ended(int stream) {
        int at = Arrays.binarySearch(open, 0, openCount, stream);
        if (at >= 0) {
            System.arraycopy(open, at + 1, open, at, openCount - at - 1);
            openCount--;
        }
    }

    /** Tells if the client knows the last stream that counts; asked without the lock too. */
    boolean isSaid() {
        return state == State.SAID;
    }

    /** Tells if every stream that counts has ended. */
    boolean isOver() {
        return isSaid() && openCount == 0;
    }

    /** Tells if an acknowledgement of these eight bytes is the client's answer to the first GOAWAY. */
    boolean awaits(long opaque) {
        return state == State.ASKED && opaque == question;
    }

    /** Names the last stream that counts: the client has seen the first GOAWAY. */
    void answered() {
        state = State.SAID;
        last = Math.min(last, newest);
        connection.toClient.frames.inject(Frames.goAway(last, Frames.NO_ERROR));
    }

    /** Tells if a GOAWAY of the runtime's may reach the client: none may name a higher stream than the one before. */
    boolean passes(int lastStream) {
        while (openCount > 0 && open[openCount - 1] > lastStream) {
            openCount--; // the client takes it for never begun
        }
        if (lastStream > last) {
            return false;
        }
        last = lastStream;
        return true;
    }
}
