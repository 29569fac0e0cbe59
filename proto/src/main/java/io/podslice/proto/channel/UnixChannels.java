package io.podslice.proto.channel;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Netty channels on the JDK's own Unix sockets, for gRPC's builders. gRPC asks TCP's keep-alive of every channel, and
 * Netty warns once a connection that a Unix socket has none: that one logger is held to errors.
 */
public final class UnixChannels {
    /** Held strongly, since java.util.logging forgets the level of a logger that is not referenced. */
    private static final Logger BOOTSTRAP = Logger.getLogger("io.netty.bootstrap");

    static {
        InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
        BOOTSTRAP.setLevel(Level.SEVERE);
    }

    private UnixChannels() {}

    /** Starts one thread that serves channels. Made here, so that Netty's loggers are held before Netty makes them. */
    public static EventLoopGroup eventLoop() {
        return new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    }

    /** Returns a new channel for a client, not connected yet. */
    public static Channel connecting() {
        return new NioDomainSocketChannel();
    }

    /** Returns a new channel for a server, not bound yet. */
    public static ServerChannel listening() {
        return new NioServerDomainSocketChannel();
    }
}
