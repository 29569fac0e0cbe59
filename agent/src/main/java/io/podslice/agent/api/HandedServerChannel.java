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
 * A server channel that does not listen: another class accepts connections and hands them to it. So podslice can
 * listen, and turn away users that may not connect, before any class of Netty is loaded.
 */
final class HandedServerChannel extends AbstractServerChannel {
    private final ChannelConfig config = new DefaultChannelConfig(this);
    private final SocketAddress address;
    private volatile boolean bound;
    private volatile boolean closed;

    /** @param address address of the socket that accepts the connections */
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

    /** Wraps a connection for {@link #hand}. */
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

    /** Does nothing: connections are handed over rather than requested. */
    @Override
    protected void doBeginRead() {}
}
