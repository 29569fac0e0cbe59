package io.podslice.shim;

import io.podslice.grpc.UnixSocket;
import io.podslice.shim.socket.Acceptor;
import io.podslice.shim.socket.ListeningSocket;
import io.podslice.shim.socket.Peers;
import io.podslice.shim.tap.Interception;
import io.podslice.shim.tap.Tap;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens where clients expect a runtime, and joins each connection to one of its own to the runtime. A runtime that
 * is absent, restarts or hangs needs nothing done here: each client connection asks for it anew.
 */
public final class CriShim implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CriShim.class);

    /** The configuration's field that names the socket. */
    public static final String FIELD = "shim.listen";

    private static final String UIDS = "shim.allowedUids";

    private final Path listen;
    private final UnixSocket runtime;
    private final Tap tap;
    private final Set<Visit> open = ConcurrentHashMap.newKeySet();
    private final Semaphore places;
    private final ListeningSocket socket;
    private volatile Peers peers;
    private final Acceptor acceptor;
    /** Has a permit for each connection that has ended since {@link #drain}. */
    private final Semaphore ends = new Semaphore(0);

    private volatile boolean draining;
    private volatile boolean closed;

    /**
     * Starts to listen on a socket of its own; on return clients can connect.
     *
     * @param listen where to listen; a stale socket there is replaced
     * @param runtime the runtime's socket; need not exist yet
     * @param uids users that may connect beside root and the one that this runs as
     * @param interceptions what is done with which method, by path
     * @throws io.podslice.shim.socket.ListenException if it cannot listen
     */
    public CriShim(
            Path listen,
            Path runtime,
            Set<Integer> uids,
            Map<String, Interception> interceptions,
            ShimOptions options) {
        this(ListeningSocket.bind(FIELD, listen, runtime), runtime, uids, interceptions, options);
    }

    /**
     * Starts to accept on a socket that listens already.
     *
     * @param socket is closed with this
     * @param runtime the runtime's socket; need not exist yet
     * @param uids users that may connect beside root and the one that this runs as
     * @param interceptions what is done with which method, by path
     */
    public CriShim(
            ListeningSocket socket,
            Path runtime,
            Set<Integer> uids,
            Map<String, Interception> interceptions,
            ShimOptions options) {
        this.listen = socket.path();
        this.runtime = new UnixSocket("the runtime", runtime, options.connectTimeout());
        this.places = new Semaphore(options.mostConnections());
        this.tap = new Tap(interceptions, options.tap());
        this.peers = Peers.allowing(uids, UIDS, listen);
        this.socket = socket.with(places);
        this.acceptor = Acceptor.start(socket, "shim-accept", this::connected);
    }

    /** Tells if connections are accepted, and none is being handed on for longer than that. */
    public boolean accepts(Duration within) {
        return acceptor.lives(within);
    }

    /** Says why this process could not listen on another path after a restart; empty where it could. */
    public Optional<String> refuses(Path other) {
        return socket.refuses(FIELD, other);
    }

    /** Lets these users connect beside root and the one that this runs as; connections that are open stay. */
    public void allow(Set<Integer> uids) {
        peers = Peers.allowing(uids, UIDS, listen);
    }

    private void connected(SocketChannel client) {
        Visit visit = new Visit(client);
        open.add(visit);
        if (closed) {
            // Accepted while everything else was closed.
            visit.close();
            return;
        }
        if (draining) {
            visit.drain();
        }
        // A thread of the system for each would hold up those that wait to be accepted, and may not be had.
        Thread.ofVirtual().name("shim-client").start(visit::serve);
    }

    /**
     * Accepts no more connections, and has clients leave those that are open: their next calls take another connection,
     * which waits for the next process where the service manager listens; calls under way end here.
     *
     * @param atMost the time for that; calls that have not ended by then fail with {@link #close}
     * @return the number of connections that are left
     */
    public int drain(Duration atMost) throws InterruptedException {
        long until = System.nanoTime() + atMost.toNanos();
        draining = true;
        stopListening();
        acceptor.awaitEnd(atMost);
        open.forEach(Visit::drain);
        while (!open.isEmpty() && ends.tryAcquire(until - System.nanoTime(), TimeUnit.NANOSECONDS)) {
            ends.drainPermits();
        }
        return open.size();
    }

    /** Stops listening and ends every connection; the socket's file goes unless the service manager listens there too. */
    @Override
    public void close() {
        closed = true;
        stopListening();
        open.forEach(Visit::close);
    }

    private void stopListening() {
        try {
            socket.close();
        } catch (IOException e) {
            LOG.warn("{}: closing failed: {}", listen, e.toString());
        }
    }

    /** A client's connection, and what it is joined to. */
    private final class Visit {
        private final SocketChannel client;
        private @Nullable Closeable server;
        private boolean drains;
        private boolean over;

        Visit(SocketChannel client) {
            this.client = client;
        }

        void serve() {
            boolean joined = false;
            try {
                joined = mayConnect() && join(runtime.connect());
            } catch (IOException e) {
                LOG.info("{}: runtime {} cannot be reached: {}", listen, runtime.path(), e.toString());
            } finally {
                if (!joined) {
                    close();
                }
            }
        }

        private boolean mayConnect() throws IOException {
            UserPrincipal peer = Peers.of(client);
            Peers allowed = peers;
            if (allowed.mayConnect(peer)) {
                return true;
            }
            LOG.warn(
                    "{}: closed a connection from user {}: only root and shim.allowedUids {} may connect",
                    listen,
                    peer.getName(),
                    allowed.uids());
            return false;
        }

        private boolean join(SocketChannel channel) {
            leadsTo(channel);
            try {
                leadsTo(tap.start(client, channel, fault -> {
                    fault.ifPresent(e -> LOG.error("{}: a connection was ended by a fault", listen, e));
                    close();
                }));
                return true;
            } catch (IOException e) {
                LOG.warn("{}: closed a connection: {}", listen, e.toString());
                return false;
            }
        }

        private synchronized void leadsTo(Closeable next) {
            server = next;
            if (over) {
                closeQuietly(next);
            } else if (drains) {
                drain();
            }
        }

        /** Has the client leave, as soon as the connection is joined. */
        synchronized void drain() {
            drains = true;
            if (server instanceof Tap.Joined joined) {
                joined.drain();
            }
        }

        synchronized void close() {
            if (!over) {
                open.remove(this);
                places.release();
                if (draining) {
                    ends.release();
                }
            }
            over = true;
            closeQuietly(client);
            if (server != null) {
                closeQuietly(server);
            }
        }

        private void closeQuietly(Closeable one) {
            try {
                one.close();
            } catch (IOException e) {
                LOG.warn("{}: closing a connection failed: {}", listen, e.toString());
            }
        }
    }
}
