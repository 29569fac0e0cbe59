package io.podslice.simulator.cri;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.podslice.proto.channel.UnixChannels;
import io.podslice.proto.cri.v1.ImageServiceGrpc;
import io.podslice.proto.cri.v1.ImageServiceGrpc.ImageServiceBlockingStub;
import io.podslice.proto.cri.v1.RuntimeServiceGrpc;
import io.podslice.proto.cri.v1.RuntimeServiceGrpc.RuntimeServiceBlockingStub;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * One gRPC connection to a runtime's or a shim's socket, made as the kubelet makes it (facts: authority
 * {@code localhost}, replies up to 16 MiB). It connects with the first call and connects anew when it broke. Any
 * thread may use it.
 */
public final class CriClient implements AutoCloseable {
    private static final int MESSAGE_LIMIT = 16 << 20;

    private final EventLoopGroup loop;
    private final ManagedChannel channel;
    private final Duration timeout;

    /**
     * @param socket a Unix socket
     * @param timeout deadline of each call made through {@link #runtime} and {@link #images}
     */
    public CriClient(Path socket, Duration timeout) {
        this.timeout = timeout;
        this.loop = UnixChannels.eventLoop();
        this.channel = NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
                .channelFactory(UnixChannels::connecting)
                .eventLoopGroup(loop)
                .usePlaintext()
                .overrideAuthority("localhost")
                .maxInboundMessageSize(MESSAGE_LIMIT)
                .directExecutor()
                .build();
    }

    /** Returns the runtime service; every call gets the client's timeout. */
    public RuntimeServiceBlockingStub runtime() {
        return runtimeUnbounded().withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Returns the image service; every call gets the client's timeout. */
    public ImageServiceBlockingStub images() {
        return ImageServiceGrpc.newBlockingStub(channel).withDeadlineAfter(timeout.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Returns the runtime service without a deadline, for streams. */
    public RuntimeServiceBlockingStub runtimeUnbounded() {
        return RuntimeServiceGrpc.newBlockingStub(channel);
    }

    /** Returns the connection itself, for calls that the stubs do not have. */
    public ManagedChannel channel() {
        return channel;
    }

    @Override
    public void close() {
        channel.shutdownNow();
        var _ = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
