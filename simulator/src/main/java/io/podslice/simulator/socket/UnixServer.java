package io.podslice.simulator.socket;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.podslice.proto.channel.UnixChannels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A gRPC server on a Unix socket. Each {@link #start} makes the socket file anew, so that a client has to connect by
 * its path. Any thread may call it.
 */
public final class UnixServer implements AutoCloseable {
    private static final int MESSAGE_LIMIT = 16 << 20;

    private final Path socket;
    private final List<BindableService> services;
    private @Nullable Serving serving;

    private record Serving(
            Server server,
            AcceptedConnections accepted,
            EventLoopGroup listener,
            EventLoopGroup connections,
            ExecutorService workers) {}

    /**
     * @param socket the socket to listen on; its folder must exist
     * @param services what it serves
     */
    public UnixServer(Path socket, List<BindableService> services) {
        this.socket = socket;
        this.services = List.copyOf(services);
    }

    /** Returns the socket on which it listens. */
    public Path socket() {
        return socket;
    }

    /**
     * Starts to listen, also after {@link #die}; a socket left behind is replaced.
     *
     * @throws UncheckedIOException if it cannot listen there
     */
    public synchronized void start() {
        if (serving != null) {
            throw new IllegalStateException("already listening on " + socket);
        }
        EventLoopGroup listener = UnixChannels.eventLoop();
        EventLoopGroup connections = UnixChannels.eventLoop();
        ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor();
        AcceptedConnections accepted = new AcceptedConnections();
        NettyServerBuilder builder = NettyServerBuilder.forAddress(UnixDomainSocketAddress.of(socket))
                .channelFactory(() -> {
                    ServerChannel channel = UnixChannels.listening();
                    channel.pipeline().addFirst(accepted);
                    return channel;
                })
                .bossEventLoopGroup(listener)
                .workerEventLoopGroup(connections)
                .executor(workers)
                .maxInboundMessageSize(MESSAGE_LIMIT);
        services.forEach(builder::addService);
        Server server = builder.build();
        serving = new Serving(server, accepted, listener, connections, workers);
        unlink();
        try {
            var _ = server.start();
        } catch (IOException e) {
            die();
            throw new UncheckedIOException("cannot listen on " + socket, e);
        }
    }

    /** Stops as if killed: every connection breaks at once, and the socket no longer accepts any. */
    public synchronized void die() {
        Serving gone = serving;
        if (gone != null) {
            serving = null;
            unlink();
            // The connections first, as they are.
            gone.accepted.sever();
            gone.connections.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
            gone.server.shutdownNow();
            gone.listener.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
            gone.workers.shutdown();
        }
    }

    /** Stops listening, ends every call, and removes the socket. */
    @Override
    public synchronized void close() {
        if (serving != null) {
            awaitEnd(serving.server.shutdownNow());
        }
        die();
    }

    private void unlink() {
        try {
            Files.deleteIfExists(socket);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot remove " + socket, e);
        }
    }

    private static void awaitEnd(Server server) {
        try {
            server.awaitTermination(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
