package io.podslice.shim.runtime;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;

/** The runtime's socket, as a client sees it. Safe for use by many threads. */
public final class RuntimeSocket {
    private final Path path;
    private final Duration timeout;

    /**
     * @param path of the socket file; need not exist yet
     * @param timeout how long connecting may take: a runtime that hangs accepts no connection, and once its backlog is
     *     full connecting blocks
     */
    public RuntimeSocket(Path path, Duration timeout) {
        this.path = path;
        this.timeout = timeout;
    }

    /** Returns the path of the socket file. */
    public Path path() {
        return path;
    }

    /**
     * Connects; each call makes a connection of its own.
     *
     * @throws IOException if nothing listens, or the connection is not accepted in time
     */
    public SocketChannel connect() throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        Thread watchdog = Thread.ofVirtual().start(() -> closeAfter(channel, timeout));
        try {
            channel.connect(UnixDomainSocketAddress.of(path));
            return channel;
        } catch (ClosedChannelException e) {
            throw new IOException("not accepted within " + timeout.toMillis() + " ms", e);
        } catch (IOException e) {
            channel.close();
            throw e;
        } finally {
            watchdog.interrupt();
        }
    }

    /** Prepares a call to the runtime, on a connection of its own that is made with the call. */
    public RuntimeCall newCall() {
        return new RuntimeCall(this);
    }

    private static void closeAfter(SocketChannel channel, Duration timeout) {
        try {
            Thread.sleep(timeout);
            channel.close();
        } catch (InterruptedException | IOException e) {
            // Interrupted: it is connected. Cannot be closed: then it is closed already.
            return;
        }
    }
}
