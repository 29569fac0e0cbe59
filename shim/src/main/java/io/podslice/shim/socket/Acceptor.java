package io.podslice.shim.socket;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A thread that accepts connections for as long as their socket listens, and hands each on. */
public final class Acceptor {
    private static final Logger LOG = LoggerFactory.getLogger(Acceptor.class);
    private static final long PAUSE_AFTER_FAILED_ACCEPT_NANOS = 50_000_000;

    private final ListeningSocket socket;
    private final Consumer<SocketChannel> connected;

    private Acceptor(ListeningSocket socket, Consumer<SocketChannel> connected) {
        this.socket = socket;
        this.connected = connected;
    }

    /**
     * Starts to accept; it ends when the socket is closed.
     *
     * @param thread name of the thread
     * @param connected is called on that thread, and owns the connection; must return at once. If it throws, that
     *     connection is lost, and the next ones are accepted
     */
    public static void start(ListeningSocket socket, String thread, Consumer<SocketChannel> connected) {
        Thread.ofPlatform().daemon().name(thread).start(new Acceptor(socket, connected)::acceptAll);
    }

    private void acceptAll() {
        while (true) {
            try {
                connected.accept(socket.accept());
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                // Out of descriptors, most likely: connections that wait are served once others have closed.
                LOG.warn("{}: accept failed: {}", socket.path(), e.toString());
                LockSupport.parkNanos(PAUSE_AFTER_FAILED_ACCEPT_NANOS);
            } catch (RuntimeException e) {
                LOG.error("{}: a connection could not be served: {}", socket.path(), e.toString(), e);
            }
        }
    }
}
