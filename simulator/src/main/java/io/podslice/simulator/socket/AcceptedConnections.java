package io.podslice.simulator.socket;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Remembers the connections that a listening channel has accepted. Netty's loops may leave a connection open when they
 * end while it is in use, but a server that died has no open connection.
 */
final class AcceptedConnections extends ChannelInboundHandlerAdapter {
    private final Queue<Channel> registered = new ConcurrentLinkedQueue<>();
    private volatile boolean severed;

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof Channel connection) {
            connection.pipeline().addFirst(new Registration());
        }
        context.fireChannelRead(message);
    }

    /** Closes every connection at once, without HTTP/2's GOAWAY, also those that are accepted from now on. */
    void sever() {
        severed = true;
        for (Channel connection : registered) {
            connection
                    .eventLoop()
                    .submit(() -> connection.unsafe().closeForcibly())
                    .syncUninterruptibly();
        }
    }

    /** Remembers a connection once it has a loop: until then no thread may close it. */
    private final class Registration extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRegistered(ChannelHandlerContext context) {
            Channel connection = context.channel();
            registered.add(connection);
            if (severed) {
                connection.unsafe().closeForcibly();
            }
            context.fireChannelRegistered();
        }
    }
}
