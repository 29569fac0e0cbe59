package io.podslice.grpc;

import io.podslice.grpc.http2.Frames;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One call to a server, on a connection of its own: as much of gRPC as that takes. For one call; {@link #cancel} may be
 * called by any thread, the rest by one.
 */
public final class GrpcCall {
    /** The most bytes of one message of the server's, unless the call says otherwise. */
    public static final int MOST_MESSAGE_BYTES = 16 << 20;

    /** Bytes that a server may send ahead of a stream's consumer. */
    private static final int STREAM_WINDOW = 256 << 10;

    private static final int LARGEST_BOUND = 1 << 30;

    private final UnixSocket server;
    private final int mostMessageBytes;
    private @Nullable SocketChannel channel;
    private boolean cancelled;
    private volatile boolean expired;
    private @Nullable ByteBuffer reply;

    /** A call that connects to this socket once it is made. */
    public GrpcCall(UnixSocket server) {
        this(server, MOST_MESSAGE_BYTES);
    }

    /**
     * A call that connects to this socket once it is made.
     *
     * @param mostMessageBytes the most bytes of one message of the server's, 1 to 2^30; a larger one ends the call with an
     *     exception
     */
    public GrpcCall(UnixSocket server, int mostMessageBytes) {
        if (mostMessageBytes < 1 || mostMessageBytes > LARGEST_BOUND) {
            throw new IllegalArgumentException(mostMessageBytes + " bytes, not 1 to " + LARGEST_BOUND);
        }
        this.server = server;
        this.mostMessageBytes = mostMessageBytes;
    }

    /**
     * Ends the call if it is under way; it then fails with an exception, as does a call that begins later. A consumer that
     * is at work is not interrupted: the call fails once it returns.
     */
    public synchronized void cancel() {
        cancelled = true;
        close();
    }

    private synchronized void close() {
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                // It is closed to us, which is what counts; the server finds out by itself.
                return;
            }
        }
    }

    /**
     * Calls a method and waits for its end.
     *
     * @param path {@code /package.Service/Method}
     * @param metadata sent along, but for pseudo-header fields and what gRPC sets by itself; its content-type is taken
     *     where it has one
     * @param timeoutMillis the deadline that the server is told, and after which the call, connecting included, ends with
     *     DEADLINE_EXCEEDED; 0: none
     * @throws IOException if the server cannot be reached, breaks the protocol, or sends too large a message, if the
     *     connection breaks, or the call is cancelled
     */
    public GrpcResponse unary(String path, List<Header> metadata, ByteBuffer message, long timeoutMillis)
            throws IOException {
        long begun = System.nanoTime();
        try (SocketChannel connected = open()) {
            long leftMillis = leftMillis(timeoutMillis, begun);
            Thread watchdog = Thread.ofVirtual().start(() -> expireAfter(leftMillis));
            try {
                ClientConnection connection = new ClientConnection(server.server(), connected);
                MessageSplitter messages = new MessageSplitter(server.server(), mostMessageBytes, this::takeReply);
                ClientStream stream = new ClientStream(connection, window(), messages);
                stream.run(RequestFields.of(path, metadata, timeoutMillis), message);
                long passed = System.nanoTime() - begun;
                return response(stream, timeoutMillis > 0 && passed >= TimeUnit.MILLISECONDS.toNanos(timeoutMillis));
            } catch (IOException e) {
                if (!expired) {
                    throw because(e, null);
                }
                return GrpcResponse.unanswered(GrpcStatus.expired());
            } finally {
                watchdog.interrupt();
            }
        }
    }

    /**
     * Calls a method whose response is a stream, and hands on each message as it comes, until the server ends the stream.
     * The stream has no deadline, and stays open for as long as the server lives and says nothing.
     *
     * @param path {@code /package.Service/Method}
     * @param metadata as with {@link #unary}
     * @param keepalive bounds for a server that hangs
     * @param consumer takes the messages in order, on this thread; the server waits while more than some hundred KiB are
     *     not taken yet
     * @return the status with which the server ended the stream; UNAVAILABLE where it ended without one
     * @throws IOException if the server cannot be reached, hangs, breaks the protocol, or sends too large a message, if the
     *     connection breaks, the call is cancelled, or the consumer fails
     */
    public GrpcStatus stream(
            String path, List<Header> metadata, ByteBuffer message, Keepalive keepalive, MessageConsumer consumer)
            throws IOException {
        try (SocketChannel connected = open()) {
            ClientConnection connection = new ClientConnection(server.server(), connected);
            SilenceWatch silence = new SilenceWatch(connection, keepalive, this::close);
            Thread watchdog = Thread.ofVirtual().start(silence::watch);
            try {
                MessageSplitter messages = new MessageSplitter(server.server(), mostMessageBytes, consumer);
                ClientStream stream = new ClientStream(connection, STREAM_WINDOW, messages);
                stream.run(RequestFields.of(path, metadata, 0), message);
                GrpcStatus status = stream.status();
                if (status.isOk()) {
                    messages.end();
                }
                return status;
            } catch (ClosedChannelException e) {
                throw because(e, silence.finding());
            } finally {
                watchdog.interrupt();
            }
        }
    }

    /** A whole reply may come without a word from here, but for one of nearly the largest size. */
    private int window() {
        return Math.max(mostMessageBytes, Frames.DEFAULT_WINDOW);
    }

    private SocketChannel open() throws IOException {
        SocketChannel connected = server.connect();
        synchronized (this) {
            if (!cancelled) {
                channel = connected;
                return connected;
            }
        }
        connected.close();
        throw new IOException("cancelled");
    }

    /** Returns what connecting has left of a call's time, a millisecond at least; 0 where it has no limit. */
    private static long leftMillis(long timeoutMillis, long begunNanos) {
        long passed = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begunNanos);
        return timeoutMillis == 0 ? 0 : Math.max(1, timeoutMillis - passed);
    }

    private void expireAfter(long timeoutMillis) {
        if (timeoutMillis > 0) {
            try {
                Thread.sleep(timeoutMillis);
                expired = true;
                cancel();
            } catch (InterruptedException ended) {
                return;
            }
        }
    }

    /** Says why a channel was closed at this end, where it was. */
    private synchronized IOException because(IOException failure, @Nullable String finding) {
        String why = cancelled ? "cancelled" : finding;
        return why != null && failure instanceof ClosedChannelException ? new IOException(why, failure) : failure;
    }

    private void takeReply(ByteBuffer message) throws IOException {
        if (reply != null) {
            throw new IOException(server.server() + " sent more than one message where one belongs");
        }
        reply = message;
    }

    private GrpcResponse response(ClientStream stream, boolean late) throws IOException {
        Integer reset = stream.reset();
        if (reset != null) {
            // A server resets the stream at the deadline that it was told, which may be noticed there first.
            return GrpcResponse.unanswered(late && reset == Frames.CANCEL ? GrpcStatus.expired() : stream.status());
        }
        GrpcStatus status = stream.status();
        if (status.isOk() && reply == null) {
            throw new EOFException(server.server() + " answered OK without a whole message");
        }
        return new GrpcResponse(status, stream.headers(), reply, stream.trailers());
    }
}
