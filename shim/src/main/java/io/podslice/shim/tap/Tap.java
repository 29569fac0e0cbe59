package io.podslice.shim.tap;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Joins client connections to runtime connections. One instance serves any number of connections; safe for use by
 * many threads.
 *
 * <p>The first connections have two threads of the system and two large buffers each: a call through them costs least.
 * A kubelet has two connections. The sockets of what is open beyond them do not block and are watched by one thread; a
 * pump whose peer has sent something takes its turn on a virtual thread, with a buffer that is lent. That is a longer
 * way for a call, but while nothing comes a connection is some kilobytes of heap and nothing else.
 */
public final class Tap {
    /** The number of connections, of those open at one time, that have threads of the system. */
    public static final int THREADED_CONNECTIONS = 16;

    private static final int MOST_SPARE_THREADS = 32;
    private static final long SPARE_SECONDS = 10;

    private final ReadBuffers buffers = new ReadBuffers();
    private final Interceptions interceptions;
    private final TapOptions options;
    private final HeldBytes held;
    private final Semaphore threaded;
    private @Nullable Watcher watcher;

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

    /** A client's connection, joined to one of the runtime's. */
    public interface Joined extends Closeable {
        /**
         * Tells the client to use another connection for its next calls (GOAWAY), and lets those under way end. Returns
         * at once, and may be called again. The connection ends with its last call; a client that does not speak HTTP/2
         * learns nothing.
         */
        void drain();

        /** Ends the connection at once: calls under way fail. */
        @Override
        void close();
    }

    /** Told when a connection has ended. */
    public interface Ended {
        /** Called once, when both sockets are closed; must return soon. The fault of the tap that ended it, if any. */
        void ended(Optional<RuntimeException> fault);
    }

    /**
     * Joins two connected channels (blocking mode) until both directions have ended, then closes both. Returns at once.
     *
     * @param ended is told of the end, on any thread
     * @throws IOException if the system lacks descriptors; the caller closes the channels
     */
    public Joined start(SocketChannel client, SocketChannel runtime, Ended ended) throws IOException {
        if (threaded.tryAcquire()) {
            return startThreads(new Wire(client), new Wire(runtime), ended);
        }
        Watcher its = watcher();
        WatchedWire front = new WatchedWire(client, its);
        WatchedWire rear = new WatchedWire(runtime, its);
        Connection connection = new Connection(front, rear, options, held, spare);
        Joint joint = new Joint(connection, options.idleAfterHalfClose(), ended);
        Pump requests = requests(connection, front, new LentSpace(buffers));
        Pump responses = responses(connection, rear, new LentSpace(buffers));
        requests.onceReadable(() -> joint.pump(requests, responses));
        responses.onceReadable(() -> joint.pump(responses, requests));
        return connection;
    }

    private Joined startThreads(Wire client, Wire runtime, Ended ended) {
        Connection connection = new Connection(client, runtime, options, held, spare);
        Joint joint = new Joint(connection, options.idleAfterHalfClose(), fault -> {
            threaded.release();
            ended.ended(fault);
        });
        Pump requests = requests(connection, client, new OwnSpace(buffers));
        Pump responses = responses(connection, runtime, new OwnSpace(buffers));
        Thread.ofPlatform().daemon().name("tap-request").start(() -> joint.pump(requests, responses));
        Thread.ofPlatform().daemon().name("tap-response").start(() -> joint.pump(responses, requests));
        return connection;
    }

    private Pump requests(Connection connection, Wire client, ReadSpace space) {
        return new Pump(connection, client, new ClientSide(connection, interceptions), space, true);
    }

    private static Pump responses(Connection connection, Wire runtime, ReadSpace space) {
        return new Pump(connection, runtime, new RuntimeSide(connection), space, false);
    }

    /** Most processes need none. */
    private synchronized Watcher watcher() throws IOException {
        Watcher its = watcher;
        if (its == null) {
            its = new Watcher();
            watcher = its;
        }
        return its;
    }

    /**
     * As {@link #start}, and waits until the connection has ended.
     *
     * @throws IllegalStateException if the tap itself failed, which ended this connection and no other
     */
    public void join(SocketChannel client, SocketChannel runtime) {
        CompletableFuture<Optional<RuntimeException>> over = new CompletableFuture<>();
        try {
            var _ = start(client, runtime, over::complete);
        } catch (IOException e) {
            throw new UncheckedIOException("a connection could not be begun", e);
        }
        over.join().ifPresent(fault -> {
            throw new IllegalStateException("a connection was ended by a fault", fault);
        });
    }
}
