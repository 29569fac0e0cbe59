package io.podslice.shim.tap;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Joins client connections to runtime connections. One instance serves any number of connections; safe for use by
 * many threads.
 */
public final class Tap {
    private static final int BUFFER_BYTES = 64 << 10;
    private static final int MOST_SPARE_BUFFERS = 64;

    /** Direct buffers are given back to the system late, so those of ended connections are used again. */
    private final ConcurrentLinkedDeque<ByteBuffer> buffers = new ConcurrentLinkedDeque<>();

    private final Interceptions interceptions;
    private final TapOptions options;
    /** A virtual thread would put the socket into non-blocking mode, and make every read of a pump two calls. */
    private final ExecutorService writers = Executors.newCachedThreadPool(
            Thread.ofPlatform().daemon().name("tap-write-", 1).factory());

    /**
     * @param interceptions by path ({@code /package.Service/Method}); everything else passes
     * @param options limits
     */
    public Tap(Map<String, Interception> interceptions, TapOptions options) {
        this.interceptions = new Interceptions(interceptions);
        this.options = options;
    }

    /**
     * Joins two connected channels (blocking mode) until both directions have ended, then closes both. Blocks; should
     * be called on a platform thread of its own.
     *
     * @throws IllegalStateException if the tap itself failed, which ended this connection and no other
     */
    public void join(SocketChannel client, SocketChannel runtime) {
        AtomicReference<Throwable> fault = new AtomicReference<>();
        Connection connection = new Connection(client, runtime, options, writers);
        ByteBuffer up = buffer();
        ByteBuffer down = buffer();
        Pump requests = new Pump(connection, client, new ClientSide(connection, interceptions), up, true);
        Pump responses = new Pump(connection, runtime, new RuntimeSide(connection), down, false);
        Thread back = Thread.ofPlatform()
                .daemon()
                .name("tap-response")
                .start(() -> run(connection, responses, requests, fault));
        run(connection, requests, responses, fault);
        joinUninterruptibly(back);
        connection.close();
        giveBack(up);
        giveBack(down);
        if (fault.get() != null) {
            throw new IllegalStateException("a connection was ended by a fault", fault.get());
        }
    }

    private void giveBack(ByteBuffer buffer) {
        if (buffers.size() < MOST_SPARE_BUFFERS) {
            buffers.push(buffer);
        }
    }

    private ByteBuffer buffer() {
        ByteBuffer used = buffers.poll();
        return used == null ? ByteBuffer.allocateDirect(BUFFER_BYTES) : used;
    }

    private void run(Connection connection, Pump pump, Pump other, AtomicReference<Throwable> fault) {
        try {
            pump.run();
            // The other peer may take its time to answer a half-closed connection, but not for ever.
            Duration patience = options.idleAfterHalfClose();
            Thread.ofVirtual().start(() -> closeOnceSilent(connection, other, patience));
        } catch (IOException e) {
            connection.close(); // one of the two has gone
        } catch (RuntimeException e) {
            fault.set(e);
            connection.close();
        } catch (Error e) {
            connection.close();
            throw e; // an Error is never one connection's alone: the process ends by it
        } finally {
            pump.end();
        }
    }

    private static void closeOnceSilent(Connection connection, Pump pump, Duration patience) {
        try {
            int reads = pump.reads();
            while (!pump.awaitEnd(patience)) {
                if (pump.reads() == reads) {
                    connection.close();
                    return;
                }
                reads = pump.reads();
            }
        } catch (InterruptedException e) {
            connection.close();
        }
    }

    private static void joinUninterruptibly(Thread thread) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
