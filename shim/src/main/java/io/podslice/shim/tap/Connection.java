package io.podslice.shim.tap;

import io.podslice.shim.tap.Outflow.Gate;
import io.podslice.shim.tap.Outflow.Payload;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The state that the two pumps of a client connection share with the threads that decide its calls. Everything but the
 * outgoing frames is guarded by {@link #lock}; nothing blocks while holding it.
 */
final class Connection implements Tap.Joined {
    private static final long TIME_TO_COMPLAIN_MILLIS = 2_000;

    /**
     * The number of answered streams that are remembered, so that frames which the peers still send on them are
     * dropped. Such frames were sent before the peer saw the tap's; the oldest stream is forgotten.
     */
    private static final int MOST_ANSWERED = 256;

    final ReentrantLock lock = new ReentrantLock();
    final Direction toRuntime;
    final Direction toClient;
    final StreamTable streams = new StreamTable();
    final Credit credit = new Credit(this);
    final TapOptions options;
    final HeldBytes held;
    final Brake brake = new Brake(this);
    final Farewell farewell = new Farewell(this);

    private final Wire client;
    private final Wire runtime;
    private final Executor writers;
    private final Condition progress = lock.newCondition();
    private boolean blind;
    private boolean left;
    private volatile boolean carrying;
    private volatile boolean closed;

    /**
     * @param held the memory for messages, of all connections
     * @param writers runs what writes to sockets beside the pumps
     */
    Connection(Wire client, Wire runtime, TapOptions options, HeldBytes held, Executor writers) {
        this.held = held;
        this.client = client;
        this.runtime = runtime;
        this.options = options;
        this.writers = writers;
        this.toRuntime = new Direction(new OutgoingFrames(runtime));
        this.toClient = new Direction(new OutgoingFrames(client));
    }

    /** Lets the pumps copy bytes without a look at them from now on: the client does not speak HTTP/2. */
    void goBlind() {
        blind = true;
    }

    boolean blind() {
        return blind;
    }

    Outflow outflow(Stream stream, Direction direction) {
        return direction == toRuntime ? stream.toRuntime : stream.toClient;
    }

    Direction reverse(Direction direction) {
        return direction == toRuntime ? toClient : toRuntime;
    }

    /** Begins to follow a stream that is not intercepted, since its frames have to wait. */
    Stream track(int id) {
        Stream stream = new Stream(id, new Outflow(null), new Outflow(null), null);
        streams.add(stream);
        return stream;
    }

    /** Lets what waits on a stream go, now and as the windows open. */
    void release(Direction direction, Stream stream) {
        outflow(stream, direction).released = true;
        drain(direction, stream);
    }

    /** Sends on what is released and the windows allow, on every stream. */
    void drain(Direction direction) {
        for (int i = 0; i < streams.size(); ) {
            Stream stream = streams.at(i);
            drain(direction, stream);
            if (i < streams.size() && streams.at(i) == stream) {
                i++;
            }
        }
    }

    private void drain(Direction direction, Stream stream) {
        Outflow out = outflow(stream, direction);
        if (!out.released || !direction.send(stream.id, out)) {
            return;
        }
        out.released = false;
        if (out.gate == Gate.QUEUE) {
            out.gate = Gate.PASS;
        }
        if (direction == toRuntime && stream.call != null) {
            stream.call.requestSent();
        }
        retire(stream);
        progressed(direction);
    }

    /** Wakes a pump that waits for room: an item has gone, or a sender has ended. */
    private void progressed(Direction direction) {
        progress.signalAll();
        endIfDrained(direction);
    }

    /** Throws away what waits on a stream; the sender gets back what it paid for it. */
    void discard(Direction direction, Stream stream) {
        Outflow out = outflow(stream, direction);
        long waiting = out.waiting();
        out.queue.clear();
        out.released = false;
        direction.window.requeue(-waiting);
        if (out.window != null) {
            out.window.requeue(-waiting);
        }
        credit.settle(direction, stream);
        progressed(direction);
    }

    /** Puts a payload of the tap's own in line. */
    void add(Direction direction, Stream stream, ByteRange bytes, boolean end) {
        Outflow out = outflow(stream, direction);
        out.queue.add(new Payload(bytes, end));
        direction.window.requeue(bytes.length());
        if (out.window != null) {
            out.window.requeue(bytes.length());
        }
    }

    /**
     * Forgets a stream on which nothing is left to be done: what still comes passes. One that was answered here is
     * remembered, so that what either peer may still say is dropped, until both have reset it, or there are too many.
     */
    void retire(Stream stream) {
        if (isDone(stream) && (!stream.answered || (stream.runtimeReset && stream.clientReset))) {
            streams.remove(stream);
        }
    }

    private static boolean isDone(Stream stream) {
        return (stream.call == null || stream.call.over())
                && stream.toRuntime.queue.isEmpty()
                && stream.toClient.queue.isEmpty();
    }

    /** Tells whether the runtime has ended a stream whose end the client has not seen. */
    boolean hasStreamOfClientAlone() {
        for (int i = 0; i < streams.size(); i++) {
            Stream stream = streams.at(i);
            boolean over = stream.answered || stream.runtimeReset || stream.responseEnded;
            if (over && !stream.clientReset && !isDone(stream)) {
                return true;
            }
        }
        return false;
    }

    /** Remembers a stream as answered. */
    void answered(Stream stream) {
        stream.answered = true;
        farewell.ended(stream.id);
        int answered = 0;
        for (int i = streams.size() - 1; i >= 0; i--) {
            Stream other = streams.at(i);
            if (other.answered && isDone(other) && ++answered > MOST_ANSWERED) {
                streams.remove(other);
            }
        }
    }

    /** Throws away what waits on a stream, in both directions, and forgets it. */
    void abandon(Stream stream) {
        discard(toRuntime, stream);
        discard(toClient, stream);
        stream.toRuntime.gate = Gate.PASS;
        stream.toClient.gate = Gate.PASS;
        streams.remove(stream);
    }

    /**
     * Drops the rest of a request and resets its stream in the runtime, as gRPC's clients do: the runtime has answered
     * without waiting for it, and will not open the window any more for which the rest waits here.
     */
    void breakOffRequest(Stream stream) {
        answered(stream);
        stream.toRuntime.gate = Gate.DROP;
        discard(toRuntime, stream);
        cancelInRuntime(stream);
    }

    /** Resets a stream in the runtime with CANCEL, as a client does that wants no answer any more. */
    void cancelInRuntime(Stream stream) {
        toRuntime.cancel(stream.id);
    }

    /** Tells the sender in a direction that it may send more, on a stream or (0) on the connection. */
    void tellSender(Direction direction, int stream, int bytes) {
        reverse(direction).openWindow(stream, bytes);
    }

    /**
     * Tells whether DATA waits in a direction on a stream whose window is not counted, and may still go: a receiver
     * that has ended its half opens no window any more.
     */
    boolean hasUncountedWaiting(Direction direction) {
        if (reverse(direction).ended) {
            return false;
        }
        for (int i = 0; i < streams.size(); i++) {
            Outflow out = outflow(streams.at(i), direction);
            if (out.window == null && !out.queue.isEmpty()) {
                return true;
            }
        }
        return false;
    }

    /** Blocks while {@link #hasUncountedWaiting}; called without the lock. */
    void awaitUncounted(Direction direction) {
        lock.lock();
        try {
            while (!closed && hasUncountedWaiting(direction)) {
                progress.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Ends the runtime's half as the client has its own, once all that waits for a decision or for room has gone. */
    void requestsEnded() {
        for (int i = streams.size() - 1; i >= 0; i--) {
            Stream stream = streams.at(i);
            if (stream.call != null) {
                stream.call.clientEnded();
                if (stream.call.over() && !stream.answered) {
                    abandon(stream);
                }
            }
        }
        toRuntime.ended = true;
        progressed(toRuntime);
    }

    /**
     * Fails the calls that the runtime has not answered: it has ended its half. The client's half is ended once the
     * client has seen all that waits.
     */
    void responsesEnded() {
        for (int i = streams.size() - 1; i >= 0; i--) {
            Stream stream = streams.at(i);
            if (stream.call != null && !stream.call.finishing() && !stream.call.over()) {
                stream.call.gone();
                abandon(stream);
            }
        }
        toClient.ended = true;
        progressed(toClient);
    }

    private void endIfDrained(Direction direction) {
        if (!direction.ended) {
            return;
        }
        for (int i = 0; i < streams.size(); i++) {
            if (!outflow(streams.at(i), direction).queue.isEmpty()) {
                return;
            }
        }
        direction.frames.end();
    }

    /** Has another thread write the frames that wait, so that the caller is not held up by a slow peer. */
    void flushSoon() {
        flushSoon(toRuntime.frames);
        flushSoon(toClient.frames);
    }

    /** Returns what runs tasks as {@link #spare(Runnable)} does. */
    Executor spare() {
        return writers;
    }

    /** Runs a task that may block, soon, on a platform thread that nothing else needs. */
    void spare(Runnable task) {
        writers.execute(task);
    }

    /** Writes the frames that wait, on the calling thread, which may be held up by a slow peer. */
    void flushNow() {
        flushNow(toRuntime.frames);
        flushNow(toClient.frames);
    }

    private void flushNow(OutgoingFrames frames) {
        if (frames.hasWork() && !closed) {
            flush(frames);
        }
    }

    void flushSoon(OutgoingFrames frames) {
        if (frames.hasWork() && !closed) {
            writers.execute(() -> flush(frames));
        }
    }

    private void flush(OutgoingFrames frames) {
        try {
            frames.flush();
            leaveIfOver();
        } catch (IOException e) {
            close();
        }
    }

    /** Notes that the pump of the runtime's frames has some in hand, which may not be written yet. */
    void carries(boolean some) {
        carrying = some;
    }

    /** Ends the client's side once it has been told the last stream, and every stream has ended and been written. */
    void leaveIfOver() {
        if (!farewell.isSaid()) {
            return;
        }
        lock.lock();
        try {
            if (left || carrying || !farewell.isOver() || !isAllDone()) {
                return;
            }
            left = true;
            toClient.frames.end();
        } finally {
            lock.unlock();
        }
        flushSoon(toClient.frames);
    }

    private boolean isAllDone() {
        for (int i = 0; i < streams.size(); i++) {
            if (!isDone(streams.at(i))) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void drain() {
        lock.lock();
        try {
            farewell.begin();
        } finally {
            lock.unlock();
        }
        flushSoon();
    }

    /** Ends the connection on both sides: every call that is not over has failed. May be called any number of times. */
    @Override
    public void close() {
        closed = true;
        closeQuietly(client);
        closeQuietly(runtime);
        lock.lock();
        try {
            while (streams.size() > 0) {
                Stream stream = streams.at(streams.size() - 1);
                streams.remove(stream);
                if (stream.call != null) {
                    stream.call.gone();
                }
            }
            progress.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** As {@link #close}, for callers that hold the lock. */
    void closeSoon() {
        writers.execute(this::close);
    }

    /**
     * Closes in 2 s: a peer has sent bytes that cannot be understood, and the other one has that time to tell it so.
     */
    void closeAfterBroken() {
        CompletableFuture.delayedExecutor(TIME_TO_COMPLAIN_MILLIS, TimeUnit.MILLISECONDS, writers)
                .execute(this::close);
    }

    private static void closeQuietly(Wire wire) {
        try {
            wire.close();
        } catch (IOException e) {
            Logger log = LoggerFactory.getLogger(Connection.class);
            log.debug("closing a connection failed", e);
        }
    }
}
