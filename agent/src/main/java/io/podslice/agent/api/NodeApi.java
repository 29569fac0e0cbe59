package io.podslice.agent.api;

import io.podslice.shim.socket.Acceptor;
import io.podslice.shim.socket.ListeningSocket;
import io.podslice.shim.socket.Peers;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node API: listens, lets permitted users in, and starts a gRPC server when the first of them connects. Shuts the
 * server down again after a while without connections: most nodes never need one, and it takes as much memory as the
 * rest of podslice.
 */
public final class NodeApi implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeApi.class);

    private static final String UIDS = "api.allowedUids";

    private final ApiOptions options;
    private final NodeDesk desk;
    private final Optional<Path> podResources;
    private volatile Peers peers;
    private final ListeningSocket socket;
    private @Nullable GrpcServer server;
    private boolean closed;

    /**
     * Starts to listen; on return clients can connect.
     *
     * @param listen the socket's path, made with mode 0660; a stale socket there is replaced
     * @param uids users that may connect beside root and the user that this process runs as
     * @param node the state from which calls are answered, asked anew for each; waits that long while it is being read
     * @param podResources path of the kubelet's PodResources socket, whose service is served here too; empty for none
     * @throws io.podslice.shim.socket.ListenException if it cannot listen
     */
    public NodeApi(
            Path listen,
            Set<Integer> uids,
            Function<Duration, ApiNode> node,
            Optional<Path> podResources,
            ApiOptions options) {
        this.podResources = podResources;
        this.desk = new NodeDesk(node);
        this.options = options;
        this.peers = Peers.allowing(uids, UIDS, listen);
        this.socket = ListeningSocket.bind("api.listen", listen, null);
        Acceptor.start(socket, "api-accept", this::connected);
    }

    /** Lets these users connect beside root and the one that this process runs as; connections that are open stay. */
    void allow(Set<Integer> uids) {
        peers = Peers.allowing(uids, UIDS, socket.path());
    }

    /** Tells clients from now on which configuration is in force, in a line. */
    void configuration(String text) {
        desk.configuration(text);
    }

    private void connected(SocketChannel client) {
        try {
            UserPrincipal peer = Peers.of(client);
            Peers allowed = peers;
            if (allowed.mayConnect(peer)) {
                serve(client);
                return;
            }
            LOG.warn(
                    "{}: closed a connection from user {}: only root and api.allowedUids {} may connect",
                    socket.path(),
                    peer.getName(),
                    allowed.uids());
        } catch (IOException | RuntimeException e) {
            LOG.warn("{}: a connection could not be served: {}", socket.path(), e.toString(), e);
        }
        closeQuietly(client);
    }

    private synchronized void serve(SocketChannel client) {
        if (closed) {
            closeQuietly(client);
            return;
        }
        GrpcServer running = server;
        if (running == null) {
            running = new GrpcServer(
                    UnixDomainSocketAddress.of(socket.path()),
                    new NodeService(desk, options.watcherPatience()),
                    new PodResourcesService(desk, podResources));
            server = running;
        }
        GrpcServer its = running;
        its.serve(client, left -> {
            if (left == 0) {
                its.later(options.idle(), () -> rest(its));
            }
        });
    }

    /** Shuts the server down if it still has no connections. */
    private synchronized void rest(GrpcServer idle) {
        if (server == idle && idle.connections() == 0) {
            server = null;
            idle.close();
        }
    }

    /** Tells if a server runs: for tests. */
    synchronized boolean isServing() {
        return server != null;
    }

    /** The number of clients that watch: for tests. */
    synchronized int watching() {
        return server == null ? 0 : server.watching();
    }

    private void closeQuietly(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.warn("{}: closing a connection failed: {}", socket.path(), e.toString());
        }
    }

    /** Stops listening, removes the socket and ends every call. */
    @Override
    public synchronized void close() {
        closed = true;
        try {
            socket.close();
        } catch (IOException e) {
            LOG.warn("{}: closing failed: {}", socket.path(), e.toString());
        }
        if (server != null) {
            server.close();
            server = null;
        }
    }
}
