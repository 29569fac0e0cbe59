package io.podslice.agent.http;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A listener for HTTP/1 that no client can make take more than little: any user of the node may connect to a port. It has a
 * bounded number of connections, each for one request with a bounded head and a bounded time; one that comes beyond that number
 * takes the place of the oldest one, so that clients which send half a request and wait do not keep others out.
 */
public final class HttpListener implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HttpListener.class);

    static final int MOST_CONNECTIONS = 16;

    private static final int READ_BYTES = 1 << 10;
    private static final int MOST_UNREAD_BYTES = 64 << 10;
    private static final long PAUSE_AFTER_FAILED_ACCEPT_NANOS = 50_000_000;

    private final String name;
    private final Entrance entrance;
    private final Function<HttpRequest, ? extends HttpReply> handler;
    private final int mostBody;
    private final Duration patience;
    private final Deque<Connection> open = new ArrayDeque<>();

    /**
     * Starts to listen.
     *
     * @param name of its threads
     * @param patience the longest time for a connection, from its request's first byte to its end, and for each send of a stream
     * @param mostBody the most bytes that the body of a POST may have; 0: bodies are left unread
     * @param handler answers requests, on several threads; may block
     */
    public HttpListener(
            String name,
            Entrance entrance,
            Duration patience,
            int mostBody,
            Function<HttpRequest, ? extends HttpReply> handler) {
        this.name = name;
        this.entrance = entrance;
        this.handler = handler;
        this.patience = patience;
        this.mostBody = mostBody;
        Thread.ofPlatform().daemon().name(name + "-accept").start(this::acceptAll);
    }

    /** Returns the port; -1 for a Unix socket. */
    public int port() {
        return entrance.port();
    }

    private void acceptAll() {
        while (true) {
            try {
                begin(entrance.accept());
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                LOG.debug("accept failed: {}", e.toString());
                LockSupport.parkNanos(PAUSE_AFTER_FAILED_ACCEPT_NANOS);
            }
        }
    }

    private void begin(SocketChannel channel) {
        Connection client = new Connection(channel, patience);
        Connection oldest = null;
        synchronized (open) {
            if (open.size() == MOST_CONNECTIONS) {
                oldest = open.stream()
                        .filter(each -> !each.isStreaming())
                        .findFirst()
                        .orElse(open.getFirst());
                open.remove(oldest);
            }
            open.addLast(client);
        }
        if (oldest != null) {
            closeQuietly(oldest);
        }
        Thread worker = Thread.ofVirtual().name(name).start(() -> serve(client));
        Thread.ofVirtual().name(name + "-patience").start(() -> {
            try {
                client.endAfterPatience(worker);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                closeQuietly(client);
                worker.interrupt();
            }
        });
    }

    private void serve(Connection client) {
        try (client) {
            InputStream in = new BufferedInputStream(Channels.newInputStream(client.channel()), READ_BYTES);
            Optional<? extends HttpReply> reply = reply(in);
            if (reply.isPresent()) {
                write(client, reply.get(), in);
            }
        } catch (IOException e) {
            LOG.debug("a client has gone: {}", e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            synchronized (open) {
                open.remove(client);
            }
        }
    }

    private void write(Connection client, HttpReply reply, InputStream in) throws IOException, InterruptedException {
        switch (reply) {
            case HttpAnswer answer -> {
                client.write(answer.bytes());
                client.channel().shutdownOutput();
                // A connection that is closed with bytes unread is reset, and its client may lose the answer.
                in.skipNBytes(MOST_UNREAD_BYTES + (long) mostBody);
            }
            case HttpStream stream -> client.stream(stream);
        }
    }

    private Optional<? extends HttpReply> reply(InputStream in) throws IOException {
        try {
            return HttpRequest.read(in, mostBody).map(handler);
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
        closeQuietly(entrance);
        List<Connection> left;
        synchronized (open) {
            left = List.copyOf(open);
        }
        left.forEach(HttpListener::closeQuietly);
        left.forEach(Connection::interrupt);
    }
}
