package io.podslice.shim.tap;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Joins client connections to runtime connections. One instance serves any number of connections; safe for use by
 * many threads.
 *
 * <p>The first connections have two threads of the system and two large buffers each: a call through them costs least.
 * A kubelet has two connections. What is open beyond them is carried by virtual threads, whose reads are two calls of
 * the kernel and whose wait for a processor is longer, but which cost some kilobytes of heap while nothing comes.
 */
public final class Tap {
    /** The number of connections, of those open at one time, that have threads of the system. */
    public static final int THREADED_CONNECTIONS = 16;

    private static final int MOST_SPARE_THREADS = 32;
    private static final long SPARE_SECONDS = 60;

    private final ReadBuffers buffers = new ReadBuffers();
    private final Interceptions interceptions;
    private final TapOptions options;
    private final HeldBytes held;
    private final Semaphore threaded;

    /**
     * The threads that decide, and that write beside the pumps. A virtual thread would put the socket into non-blocking mode, and
     * make every read of a pump two calls; it takes over where these threads are held up, by peers that take nothing.
     */
    private final Executor spare = new ThreadPoolExecutor(
            0,
            MOST_SPARE_THREADS,
            SPARE_SECONDS,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            Thread.ofPlatform().daemon().name("tap-write-", 1).factory(),
            (task, full) -> Thread.ofVirtual().name("tap-write").start(task));

    /**
     * @param interceptions by path ({@code /package.Service/Method}); everything else passes
     * @param options limits
     */
    public Tap(Map<String, Interception> interceptions, TapOptions options) {
        this(interceptions, options, THREADED_CONNECTIONS);
    }

    /**
     * @param interceptions by path ({@code /package.Service/Method}); everything else passes
     * @param options limits
     * @param threaded the number of connections, of those open at one time, that have threads of the system
     */
    public Tap(Map<String, Interception> interceptions, TapOptions options, int threaded) {
        this.interceptions = new Interceptions(interceptions);
        this.options = options;
        this.held = new HeldBytes(options.maxHeldBytes(), spare);
        this.threaded = new Semaphore(threaded);
    }

    /**
     * Joins two connected channels (blocking mode) until both directions have ended, then closes both. Blocks; should
     * be called on a thread of its own, which may be virtual.
     *
     * @throws IllegalStateException if the tap itself failed, which ended this connection and no other
     * @throws Error if the JVM failed
     */
    public void join(SocketChannel client, SocketChannel runtime) {
        AtomicReference<RuntimeException> fault = new AtomicReference<>();
        Connection connection = new Connection(client, runtime, options, held, spare);
        boolean hasThreads = threaded.tryAcquire();
        try (ReadSpace up = space(hasThreads);
                ReadSpace down = space(hasThreads)) {
            Pump requests = new Pump(connection, client, new ClientSide(connection, interceptions), up, true);
            Pump responses = new Pump(connection, runtime, new RuntimeSide(connection), down, false);
            Runnable forth = () -> run(connection, requests, responses, fault);
            Runnable back = () -> run(connection, responses, requests, fault);
            join(connection, forth, back, hasThreads);
        } finally {
            if (hasThreads) {
                threaded.release();
            }
        }
        RuntimeException failed = fault.get();
        if (failed != null) {
            throw new IllegalStateException("a connection was ended by a fault", failed);
        }
    }

    private ReadSpace space(boolean hasThreads) {
        return hasThreads ? new OwnSpace(buffers) : new LentSpace(buffers);
    }

    /** Runs both pumps; the first on the calling thread, unless that is virtual and must not be. */
    private static void join(Connection connection, Runnable forth, Runnable back, boolean hasThreads) {
        List<Thread> started = new ArrayList<>();
        try {
            started.add(start("tap-response", back, hasThreads));
            if (hasThreads && Thread.currentThread().isVirtual()) {
                started.add(start("tap-request", forth, true));
            } else {
                forth.run();
            }
            started.forEach(Tap::joinUninterruptibly);
        } finally {
            // Where a thread could not be started, this ends the other, which uses the connection's memory.
            connection.close();
            started.forEach(Tap::joinUninterruptibly);
        }
    }

    private static Thread start(String name, Runnable pump, boolean ofTheSystem) {
        Thread.Builder thread = ofTheSystem ? Thread.ofPlatform().daemon() : Thread.ofVirtual();
        return thread.name(name).start(pump);
    }

    private void run(Connection connection, Pump pump, Pump other, AtomicReference<RuntimeException> fault) {
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
