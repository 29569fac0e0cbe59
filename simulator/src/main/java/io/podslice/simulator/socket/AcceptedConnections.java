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
    private final Queue<Channel> accepted = new ConcurrentLinkedQueue<>();

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof Channel connection) {
            accepted.add(connection);
        }
        context.fireChannelRead(message);
    }

    /** Closes every connection at once, without HTTP/2's GOAWAY. */
    void sever() {
        for (Channel connection : accepted) {
            if (connection.isRegistered()) {
                connection
                        .eventLoop()
                        .submit(() -> connection.unsafe().closeForcibly())
                        .syncUninterruptibly();
            } else {
                connection.unsafe().closeForcibly();
            }
        }
    }
}
