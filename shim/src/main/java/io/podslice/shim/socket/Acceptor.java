package io.podslice.shim.socket;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that accepts connections for as long as their socket listens, and hands each on. Where the kernel gives no
 * connection, for want of descriptors most likely, it goes on trying, and says so once until one is accepted again:
 * those that wait are served as soon as others have closed.
 */
public final class Acceptor {
    private static final Logger LOG = LoggerFactory.getLogger(Acceptor.class);
    private static final long PAUSE_AFTER_FAILED_ACCEPT_NANOS = 50_000_000;

    private final Path path;
    private final Source source;
    private final Consumer<SocketChannel> connected;
    private boolean failing;
    /** The time by {@link System#nanoTime} since which a connection is being handed on; 0 for none. */
    private volatile long handingSince;

    private final CountDownLatch ended = new CountDownLatch(1);

    /** Gives the next connection. */
    interface Source {
        /** Waits for a connection. */
        SocketChannel accept() throws IOException;
    }

    Acceptor(Path path, Source source, Consumer<SocketChannel> connected) {
        this.path = path;
        this.source = source;
        this.connected = connected;
    }

    /**
     * Starts to accept; it ends when the socket is closed. Returns the acceptor.
     *
     * @param thread name of the thread
     * @param connected is called on that thread, and owns the connection; must return at once. If it throws, that
     *     connection is lost, and the next ones are accepted
     */
    public static Acceptor start(ListeningSocket socket, String thread, Consumer<SocketChannel> connected) {
        Acceptor acceptor = new Acceptor(socket.path(), socket::accept, connected);
        Thread.ofPlatform().daemon().name(thread).start(acceptor::acceptAll);
        return acceptor;
    }

    /** Tells if it waits for a connection, or has begun within that time to hand one on. */
    public boolean lives(Duration within) {
        long since = handingSince;
        return ended.getCount() > 0 && (since == 0 || System.nanoTime() - since < within.toNanos());
    }

    /** Waits until every connection that was accepted has been handed on; false if that takes longer. */
    public boolean awaitEnd(Duration atMost) throws InterruptedException {
        return ended.await(atMost.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Accepts until the source is closed. */
    void acceptAll() {
        try {
            handOnAll();
        } finally {
            ended.countDown();
        }
    }

    private void handOnAll() {
        while (true) {
            try {
                handingSince = 0;
                SocketChannel channel = source.accept();
                handingSince = System.nanoTime() | 1;
                if (failing) {
                    failing = false;
                    LOG.info("{}: connections are accepted again", path);
                }
                connected.accept(channel);
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                if (!failing) {
                    failing = true;
                    LOG.warn("{}: accept failed, connections wait: {}", path, e.toString());
                }
                LockSupport.parkNanos(PAUSE_AFTER_FAILED_ACCEPT_NANOS);
            } catch (RuntimeException e) {
                LOG.error("{}: a connection could not be served: {}", path, e.toString(), e);
            }
        }
    }
}
