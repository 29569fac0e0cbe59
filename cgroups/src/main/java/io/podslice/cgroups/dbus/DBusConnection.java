package io.podslice.cgroups.dbus;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A client's connection to a D-Bus peer or bus over a Unix socket. One thread of its own does all that touches the
 * socket, so that no caller's interrupt closes it and no peer that stops reading holds up a caller. Safe for use by many
 * threads.
 */
public final class DBusConnection implements AutoCloseable {
    private static final int BUFFER_BYTES = 16 << 10;

    private final Path socket;
    private final DBusEvents events;
    private final SocketChannel channel;
    private final Selector selector;
    private final SelectionKey key;
    private final PendingCalls calls = new PendingCalls();
    private final CompletableFuture<Boolean> opened = new CompletableFuture<>();
    private final CompletableFuture<DBusException> closed = new CompletableFuture<>();

    /** Calls that are not sent yet; no more than {@link PendingCalls#MOST}. */
    private final Queue<ByteBuffer> unsent = new ConcurrentLinkedQueue<>();

    private ByteBuffer in = ByteBuffer.allocate(BUFFER_BYTES);

    private DBusConnection(Path socket, DBusEvents events, SocketChannel channel, SelectionKey key) {
        this.socket = socket;
        this.events = events;
        this.channel = channel;
        this.selector = key.selector();
        this.key = key;
    }

    /**
     * Connects and authenticates as this process's user.
     *
     * @param limit the longest that both may take together
     * @param events told of signals
     * @throws DBusException if there is no such socket, nothing listens there, or the peer refuses or does not answer
     */
    public static DBusConnection open(Path socket, Duration limit, DBusEvents events) throws DBusException {
        DBusConnection connection;
        ByteBuffer opening;
        try {
            opening = Handshake.opening(Handshake.ownUid());
            connection = connect(socket, events);
        } catch (IOException | UnsupportedOperationException e) {
            throw new DBusException(DBusException.DISCONNECTED, socket + ": " + e.getMessage(), e);
        }
        connection.queue(opening);
        Thread.ofPlatform().daemon().name("dbus " + socket.getFileName()).start(connection::run);
        connection.awaitOpened(limit);
        return connection;
    }

    private static DBusConnection connect(Path socket, DBusEvents events) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.configureBlocking(false);
            // A Unix socket connects at once or, where the peer's backlog is full, not at all.
            if (!channel.connect(UnixDomainSocketAddress.of(socket))) {
                throw new IOException("not connected at once");
            }
            Selector selector = Selector.open();
            return new DBusConnection(socket, events, channel, channel.register(selector, SelectionKey.OP_READ));
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private void awaitOpened(Duration limit) throws DBusException {
        try {
            opened.get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof DBusException reason) {
                throw reason;
            }
            throw new IllegalStateException(e);
        } catch (TimeoutException e) {
            close();
            throw new DBusException(
                    DBusException.NO_REPLY, socket + ": not let in within " + limit.toMillis() + " ms", e);
        } catch (InterruptedException e) {
            close();
            Thread.currentThread().interrupt();
            throw new DBusException(DBusException.NO_REPLY, socket + ": interrupted while connecting", e);
        }
    }

    /**
     * Calls a method and waits for its answer.
     *
     * @return the answer's arguments
     * @throws DBusException the peer's error; {@link DBusException#NO_REPLY} if no answer came in time: the call may
     *     still take effect; {@link DBusException#DISCONNECTED} if the connection was closed before: likewise
     */
    public List<DBusValue> call(MethodCall call, Duration timeout) throws DBusException {
        PendingCalls.Pending pending = calls.begin();
        queue(call.encoded(pending.serial()));
        DBusMessage reply = calls.await(pending, timeout);
        if (reply.type() == DBusMessage.ERROR) {
            throw new DBusException(String.valueOf(reply.errorName()), detail(reply));
        }
        return reply.arguments();
    }

    /** Returns the text of an error: by custom its first argument. */
    private static String detail(DBusMessage error) throws DBusException {
        List<DBusValue> arguments = error.arguments();
        return !arguments.isEmpty() && arguments.getFirst() instanceof DBusValue.Text(char _, String text)
                ? text
                : "no text";
    }

    private void queue(ByteBuffer message) {
        unsent.add(message);
        selector.wakeup();
    }

    /** Waits until the connection is closed, by either side, and returns the reason. */
    public DBusException awaitClosed() {
        return closed.join();
    }

    /** Closes the connection; calls under way fail with {@link DBusException#DISCONNECTED}. */
    @Override
    public void close() {
        end(new DBusException(DBusException.DISCONNECTED, socket + ": closed"));
    }

    private void end(DBusException reason) {
        calls.close(reason);
        opened.completeExceptionally(reason);
        try {
            selector.close();
            channel.close();
        } catch (IOException e) {
            reason.addSuppressed(e);
        }
        closed.complete(reason);
    }

    private void run() {
        try {
            while (!handshakeDone()) {
                pass();
            }
            opened.complete(true);
            while (true) {
                takeMessages();
                pass();
            }
        } catch (DBusException e) {
            end(e);
        } catch (IOException | ClosedSelectorException | CancelledKeyException e) {
            end(new DBusException(DBusException.DISCONNECTED, socket + ": " + e, e));
        } catch (RuntimeException | Error e) {
            // A thread that ended otherwise would leave callers waiting for their time-outs.
            end(new DBusException(DBusException.DISCONNECTED, socket + ": failed: " + e, e));
            throw e;
        }
    }

    private boolean handshakeDone() throws DBusException {
        in.flip();
        boolean done = Handshake.isAccepted(in);
        in.compact();
        return done;
    }

    /** Sends what can be sent and waits until something has come. */
    private void pass() throws IOException, DBusException {
        if (in.capacity() > BUFFER_BYTES && in.position() == 0) {
            in = ByteBuffer.allocate(BUFFER_BYTES);
        }
        while (true) {
            boolean allSent = send();
            int read = channel.read(in);
            if (read < 0) {
                throw new DBusException(DBusException.DISCONNECTED, socket + ": closed by the peer");
            }
            if (read > 0) {
                return;
            }
            int wanted = allSent ? SelectionKey.OP_READ : SelectionKey.OP_READ | SelectionKey.OP_WRITE;
            key.interestOps(wanted);
            selector.select(_ -> {});
        }
    }

    private boolean send() throws IOException {
        for (ByteBuffer next = unsent.peek(); next != null; next = unsent.peek()) {
            channel.write(next);
            if (next.hasRemaining()) {
                return false;
            }
            unsent.remove();
        }
        return true;
    }

    /** Takes all whole messages from the buffer, and makes room for one that is longer than the buffer. */
    private void takeMessages() throws DBusException {
        in.flip();
        int length = DBusMessage.length(in);
        while (length > 0 && length <= in.remaining()) {
            take(DBusMessage.decoded(in.slice(in.position(), length)));
            in.position(in.position() + length);
            length = DBusMessage.length(in);
        }
        if (length > in.capacity()) {
            in = ByteBuffer.allocate(length).put(in);
        } else {
            in.compact();
        }
    }

    private void take(DBusMessage message) throws DBusException {
        switch (message.type()) {
            case DBusMessage.SIGNAL -> events.signal(message);
            case DBusMessage.METHOD_RETURN, DBusMessage.ERROR -> {
                if (calls.answer(message)) {
                    events.lateReply();
                }
            }
            default -> {
                // Nothing is offered to callers here, and types to come must be ignored.
            }
        }
    }
}
