package io.podslice.integration.bench;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A way to the runtime: straight, or through the program under test. All doors share one event loop, so that they
 * differ in nothing but the socket.
 *
 * @param name its name in messages
 * @param channel one connection, as the kubelet has
 */
record Door(String name, ManagedChannel channel) implements AutoCloseable {

    static Door open(String name, Path socket, EventLoopGroup loops) {
        return new Door(
                name,
                NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket))
                        .channelType(NioDomainSocketChannel.class, UnixDomainSocketAddress.class)
                        .eventLoopGroup(loops)
                        // TCP's keep-alive, which gRPC would ask for and of which Netty would warn.
                        .withOption(ChannelOption.SO_KEEPALIVE, null)
                        .overrideAuthority("localhost")
                        .usePlaintext()
                        .maxInboundMessageSize(16 << 20)
                        .build());
    }

    @Override
    public void close() {
        channel.shutdownNow();
        try {
            channel.awaitTermination(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
