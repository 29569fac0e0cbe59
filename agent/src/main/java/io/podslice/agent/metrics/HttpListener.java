package io.podslice.agent.metrics;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A listener for HTTP/1 that no client can make take more than little: any user of the node may connect. It has a bounded
 * number of connections, each for one request with a bounded head and a bounded time; one that comes beyond that number
 * takes the place of the oldest one, so that clients which send half a request and wait do not keep others out.
 */
final class HttpListener implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HttpListener.class);

    static final int MOST_CONNECTIONS = 16;

    private static final int BACKLOG = 64;
    private static final int READ_BYTES = 1 << 10;
    private static final int MOST_UNREAD_BYTES = 64 << 10;
    private static final long PAUSE_AFTER_FAILED_ACCEPT_NANOS = 50_000_000;

    private final ServerSocket socket;
    private final Function<HttpRequest, HttpAnswer> handler;
    private final Duration patience;
    private final Deque<Socket> open = new ArrayDeque<>();

    /**
     * Starts to listen.
     *
     * @param patience the longest time for a connection, from its request's first byte to its end
     * @param handler answers requests, on several threads; may block
     * @throws IOException if the address cannot be listened on
     */
    @SuppressWarnings("AddressSelection") // the address is numeric
    HttpListener(InetSocketAddress address, Duration patience, Function<HttpRequest, HttpAnswer> handler)
            throws IOException {
        this.handler = handler;
        this.patience = patience;
        this.socket = new ServerSocket();
        try {
            socket.setReuseAddress(true);
            socket.bind(address, BACKLOG);
        } catch (IOException e) {
            closeQuietly(socket);
            throw e;
        }
        Thread.ofPlatform().daemon().name("metrics-accept").start(this::acceptAll);
    }

    int port() {
        return socket.getLocalPort();
    }

    private void acceptAll() {
        while (!socket.isClosed()) {
            try {
                begin(socket.accept());
            } catch (SocketException e) {
                if (socket.isClosed()) {
                    return;
                }
                pause(e);
            } catch (IOException e) {
                pause(e);
            }
        }
    }

    private static void pause(IOException e) {
        LOG.debug("accept failed: {}", e.toString());
        LockSupport.parkNanos(PAUSE_AFTER_FAILED_ACCEPT_NANOS);
    }

    private void begin(Socket client) {
        Socket oldest = null;
        synchronized (open) {
            if (open.size() == MOST_CONNECTIONS) {
                oldest = open.removeFirst();
            }
            open.addLast(client);
        }
        if (oldest != null) {
            closeQuietly(oldest);
        }
        Thread worker = Thread.ofVirtual().name("metrics").start(() -> serve(client));
        Thread.ofVirtual().name("metrics-patience").start(() -> {
            try {
                boolean ended = worker.join(patience);
                LOG.trace("a connection has ended by itself: {}", ended);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                closeQuietly(client);
            }
        });
    }

    private void serve(Socket client) {
        try (client) {
            InputStream in = new BufferedInputStream(client.getInputStream(), READ_BYTES);
            Optional<HttpAnswer> answer = answer(in);
            if (answer.isPresent()) {
                client.getOutputStream().write(answer.get().bytes());
                client.shutdownOutput();
                // A connection that is closed with bytes unread is reset, and its client may lose the answer.
                in.skipNBytes(MOST_UNREAD_BYTES);
            }
        } catch (IOException e) {
            LOG.debug("a client has gone: {}", e.toString());
        } finally {
            synchronized (open) {
                open.remove(client);
            }
        }
    }

    private Optional<HttpAnswer> answer(InputStream in) throws IOException {
        try {
            return HttpRequest.read(in).map(handler);
        } catch (HttpRequest.UnreadableException e) {
            return Optional.of(HttpAnswer.plain(e.status(), e.getMessage() + "\n"));
        }
    }

    private static void closeQuietly(Closeable closed) {
        try {
            closed.close();
        } catch (IOException e) {
            LOG.debug("closing failed: {}", e.toString());
        }
    }

    /** Stops listening and ends every connection. */
    @Override
    public void close() {
        closeQuietly(socket);
        synchronized (open) {
            open.forEach(HttpListener::closeQuietly);
        }
    }
}
