package io.podslice.agent.api;

import io.netty.channel.AbstractServerChannel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * A server channel that does not listen: somebody else accepts, and hands it the connections. So podslice can listen,
 * and turn away who may not connect, before anything of Netty is loaded.
 */
final class HandedServerChannel extends AbstractServerChannel {
    private final ChannelConfig config = new DefaultChannelConfig(this);
    private final SocketAddress address;
    private volatile boolean bound;
    private volatile boolean closed;

    /** @param address of the socket that the connections come from */
    HandedServerChannel(SocketAddress address) {
        this.address = address;
    }

    /** Takes over a connection. */
    void hand(NioDomainSocketChannel connection) {
        eventLoop().execute(() -> {
            pipeline().fireChannelRead(connection);
            pipeline().fireChannelReadComplete();
        });
    }

    /** A connection that is to be handed over. */
    NioDomainSocketChannel connection(SocketChannel socket) {
        return new NioDomainSocketChannel(this, socket);
    }

    @Override
    public ChannelConfig config() {
        return config;
    }

    @Override
    public boolean isOpen() {
        return !closed;
    }

    @Override
    public boolean isActive() {
        return bound && !closed;
    }

    @Override
    protected boolean isCompatible(EventLoop loop) {
        return true;
    }

    @Override
    protected @Nullable SocketAddress localAddress0() {
        return bound ? address : null;
    }

    @Override
    protected void doBind(SocketAddress local) {
        bound = true;
    }

    @Override
    protected void doClose() {
        closed = true;
    }

    /** There is nothing to ask for: connections come when they come. */
    @Override
    protected void doBeginRead() {}
}
