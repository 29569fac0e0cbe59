package io.podslice.grpc;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** A server's Unix socket, as a client sees it. Safe for use by many threads. */
public final class UnixSocket {
    private static final long FIRST_PAUSE_MILLIS = 1;
    private static final long LONGEST_PAUSE_MILLIS = 50;

    private final String server;
    private final Path path;
    private final Duration timeout;

    /**
     * @param server the server's name in the texts of errors: "the runtime"
     * @param path of the socket file; need not exist yet
     * @param timeout how long connecting may take: a server that hangs accepts no connection, and once its backlog is
     *     full none can be made
     */
    public UnixSocket(String server, Path path, Duration timeout) {
        this.server = server;
        this.path = path;
        this.timeout = timeout;
    }

    /** Returns the server's name for the text of an error. */
    public String server() {
        return server;
    }

    /** Returns the path of the socket file. */
    public Path path() {
        return path;
    }

    /**
     * Connects; each call makes a connection of its own, in blocking mode.
     *
     * @throws IOException if nothing listens, or the connection is not accepted in time
     */
    public SocketChannel connect() throws IOException {
        long begun = System.nanoTime();
        long pauseMillis = FIRST_PAUSE_MILLIS;
        while (true) {
            try {
                return tryConnect();
            } catch (SocketException e) {
                if (!isFull(e)) {
                    throw e;
                }
                if (System.nanoTime() - begun >= timeout.toNanos()) {
                    throw new IOException("not accepted within " + timeout.toMillis() + " ms", e);
                }
            }
            pause(pauseMillis);
            pauseMillis = Math.min(2 * pauseMillis, LONGEST_PAUSE_MILLIS);
        }
    }

    /**
     * Connects without waiting: a connection that waits in the kernel for the server's backlog holds a thread of the
     * system, and cannot be made by a virtual thread, whose sockets do not block.
     */
    private SocketChannel tryConnect() throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.configureBlocking(false);
            if (!channel.connect(UnixDomainSocketAddress.of(path))) {
                throw new SocketException(path + ": a Unix socket connects at once or not at all");
            }
            channel.configureBlocking(true);
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /**
     * Tells if connecting failed since too many wait to be accepted (EAGAIN), which the JDK says by the text of the C
     * library alone, in the system's language. The other reasons are a server that does not listen (ECONNREFUSED), no
     * socket, and no permission to write to it.
     */
    private boolean isFull(SocketException failure) {
        return !(failure instanceof ConnectException) && Files.isWritable(path);
    }

    private static void pause(long millis) throws InterruptedIOException {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while connecting");
        }
    }
}
