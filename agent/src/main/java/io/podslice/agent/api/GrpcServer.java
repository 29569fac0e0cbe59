package io.podslice.agent.api;

import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.podslice.proto.channel.UnixChannels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The gRPC server on connections that another class accepts. All classes of gRPC and Netty are loaded with this class
 * and not before. Any thread may use it.
 */
final class GrpcServer implements AutoCloseable {
    private static final int LARGEST_REQUEST = 1 << 20;
    private static final int CALLS_OF_A_CONNECTION = 100;
    private static final Duration CONNECTION_IDLE = Duration.ofMinutes(5);

    private final EventLoopGroup loop = UnixChannels.eventLoop();
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicInteger connections = new AtomicInteger();
    private final NodeService service;
    private final HandedServerChannel listening;
    private final Server server;

    /** @param address address of the socket that accepts the connections */
    GrpcServer(SocketAddress address, NodeService service, PodResourcesService podResources) {
        this.service = service;
        this.listening = new HandedServerChannel(address);
        this.server = NettyServerBuilder.forAddress(address)
                .channelFactory(() -> listening)
                .bossEventLoopGroup(loop)
                .workerEventLoopGroup(loop)
                .executor(executor)
                .maxInboundMessageSize(LARGEST_REQUEST)
                .maxConcurrentCallsPerConnection(CALLS_OF_A_CONNECTION)
                .maxConnectionIdle(CONNECTION_IDLE.toSeconds(), TimeUnit.SECONDS)
                .addService(service)
                .addService(podResources.definition())
                .build();
        try {
            server.start();
        } catch (IOException e) {
            close();
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Serves a connection.
     *
     * @param gone called once it is closed, with the number of connections left
     */
    void serve(SocketChannel socket, Gone gone) {
        NioDomainSocketChannel connection = listening.connection(socket);
        connections.incrementAndGet();
        connection.closeFuture().addListener(_ -> gone.left(connections.decrementAndGet()));
        listening.hand(connection);
    }

    /** Receives the closing of connections. */
    interface Gone {
        void left(int connections);
    }

    int connections() {
        return connections.get();
    }

    int watching() {
        return service.watching();
    }

    /** Runs a task later, on a thread that the task must not block. */
    void later(Duration delay, Runnable task) {
        var _ = loop.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Ends all calls and connections. */
    @Override
    public void close() {
        service.close();
        server.shutdownNow();
        executor.shutdown();
        var _ = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
