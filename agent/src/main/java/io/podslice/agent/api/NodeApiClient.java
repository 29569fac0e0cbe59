package io.podslice.agent.api;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.podslice.proto.channel.UnixChannels;
import io.podslice.proto.v1.NodeGrpc;
import io.podslice.proto.v1.NodeGrpc.NodeBlockingStub;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * One connection to a node API. It connects with the first call, and again when the connection broke. Any thread may
 * use it.
 */
public final class NodeApiClient implements AutoCloseable {
    private static final int LARGEST_REPLY = 64 << 20;

    private final EventLoopGroup loop = UnixChannels.eventLoop();
    private final ManagedChannel channel;

    /** @param socket the API's Unix socket */
    public NodeApiClient(Path socket) {
        this.channel = NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
                .channelFactory(UnixChannels::connecting)
                .eventLoopGroup(loop)
                .usePlaintext()
                .overrideAuthority("localhost")
                .maxInboundMessageSize(LARGEST_REPLY)
                .directExecutor()
                .build();
    }

    /** Returns the service for calls with that deadline. */
    public NodeBlockingStub node(Duration timeout) {
        return node().withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Returns the service without a deadline, for streams. */
    public NodeBlockingStub node() {
        return NodeGrpc.newBlockingStub(channel);
    }

    /** The connection itself. */
    public ManagedChannel channel() {
        return channel;
    }

    @Override
    public void close() {
        channel.shutdownNow();
        var _ = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
