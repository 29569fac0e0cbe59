package io.podslice.shim.tap;

import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A socket that does not block and is watched by a {@link Watcher}. While nothing comes it holds no thread: the turn
 * that reads ends, and begins anew on a virtual thread when there is something to read.
 */
final class WatchedWire extends Wire {
    private static final int READS_A_TURN = 16;

    private final Watcher watcher;
    private final SelectionKey key;
    /** The turn that waits for something to read, if any. */
    private final AtomicReference<@Nullable Runnable> waiting = new AtomicReference<>();

    private final Semaphore room = new Semaphore(0);

    /**
     * @param channel is put into non-blocking mode
     * @throws IOException if the system cannot watch another socket
     */
    WatchedWire(SocketChannel channel, Watcher watcher) throws IOException {
        super(channel);
        this.watcher = watcher;
        channel.configureBlocking(false);
        this.key = watcher.register(channel, this);
    }

    @Override
    void onceReadable(Runnable turn) {
        waiting.set(turn);
        if (!asks(SelectionKey.OP_READ)) {
            readable();
        }
    }

    @Override
    void awaitRoom() {
        room.drainPermits();
        if (asks(SelectionKey.OP_WRITE)) {
            room.acquireUninterruptibly();
        }
    }

    /** Tells the watcher what is waited for; false if the socket is closed. */
    private boolean asks(int operation) {
        try {
            key.interestOpsOr(operation);
        } catch (CancelledKeyException closed) {
            return false;
        }
        watcher.wake();
        return channel.isOpen();
    }

    /** Called by the watcher: the operations that were asked for and are possible now are not asked for any more. */
    void ready(int operations) {
        if ((operations & SelectionKey.OP_WRITE) != 0) {
            room.release();
        }
        if ((operations & SelectionKey.OP_READ) != 0) {
            readable();
        }
    }

    private void readable() {
        @Nullable Runnable turn = waiting.getAndSet(null);
        if (turn != null) {
            Thread.ofVirtual().name("tap-turn").start(turn);
        }
    }

    @Override
    long readsATurn() {
        return READS_A_TURN;
    }

    @Override
    void close() throws IOException {
        super.close();
        room.release();
        readable();
        // The descriptor is given back, and the peer sees the end, once the watcher has let go of it.
        watcher.wake();
    }
}
