package io.podslice.grpc;

import io.podslice.grpc.http2.Field;
import io.podslice.grpc.http2.FrameView;
import io.podslice.grpc.http2.Frames;
import io.podslice.grpc.http2.MessageReader;
import java.io.EOFException;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One unary call to a server, on a connection of its own: as much of gRPC as that takes. For one call; {@link #cancel}
 * may be called by any thread, the rest by one.
 */
public final class GrpcCall {
    private static final int STREAM = 1;
    private static final int MAX_MESSAGE = 16 << 20;
    private static final String CONTENT_TYPE = "content-type";
    private static final String TIMEOUT = "grpc-timeout";
    private static final int LARGEST_TIMEOUT = 99_999_999;
    /** Fields that are set here, or have no meaning for this connection. */
    private static final Set<String> OWN_FIELDS =
            Set.of("content-length", CONTENT_TYPE, "grpc-encoding", "grpc-accept-encoding", TIMEOUT, "te");

    private final UnixSocket server;
    private final MessageReader reply = new MessageReader();
    private @Nullable SocketChannel channel;
    private boolean cancelled;
    private volatile boolean expired;
    private long begunNanos;
    /** 0: the call has no deadline. */
    private long timeoutNanos;

    private List<Header> headers = List.of();
    private List<Header> trailers = List.of();
    private long connectionWindow = Frames.DEFAULT_WINDOW;
    private long streamWindow = Frames.DEFAULT_WINDOW;
    private int initialWindow = Frames.DEFAULT_WINDOW;
    private boolean ended;
    private @Nullable GrpcResponse reset;

    /** A call that connects to this socket once it is made. */
    public GrpcCall(UnixSocket server) {
        this.server = server;
    }

    /** Ends the call if it is under way; it then fails with an exception, as does a call that begins later. */
    public synchronized void cancel() {
        cancelled = true;
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                // It is closed to us, which is what counts; the server finds out by itself.
                return;
            }
        }
    }

    /** Returns a timeout as it travels, rounded up to what eight digits can say. */
    static String timeout(long millis) {
        if (millis <= LARGEST_TIMEOUT) {
            return millis + "m";
        }
        return Math.min(Math.ceilDiv(millis, 1000), LARGEST_TIMEOUT) + "S";
    }

    /**
     * Calls a method and waits for its end.
     *
     * @param path {@code /package.Service/Method}
     * @param metadata sent along, but for pseudo-header fields and what gRPC sets by itself; its content-type is taken
     *     where it has one
     * @param timeoutMillis the deadline that the server is told, and after which the call ends with DEADLINE_EXCEEDED;
     *     0: none
     * @throws IOException if the server cannot be reached, the connection breaks, or the call is cancelled
     */
    public GrpcResponse unary(String path, List<Header> metadata, ByteBuffer message, long timeoutMillis)
            throws IOException {
        begunNanos = System.nanoTime();
        timeoutNanos = TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        try (SocketChannel connected = open()) {
            Thread watchdog = Thread.ofVirtual().start(() -> cancelAfter(timeoutMillis));
            try {
                return call(
                        new ClientConnection(server.server(), connected),
                        fields(path, metadata, timeoutMillis),
                        message);
            } catch (IOException e) {
                if (!expired) {
                    throw e;
                }
                return GrpcResponse.unanswered(GrpcStatus.expired());
            } finally {
                watchdog.interrupt();
            }
        }
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

    private void cancelAfter(long timeoutMillis) {
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

    private GrpcResponse call(ClientConnection to, List<Field> fields, ByteBuffer message) throws IOException {
        to.open(Frames.SETTINGS_ENABLE_PUSH, 0, Frames.SETTINGS_INITIAL_WINDOW_SIZE, MAX_MESSAGE);
        to.send(Frames.windowUpdate(0, MAX_MESSAGE));
        to.send(Frames.headers(STREAM, fields, false, new byte[0], Frames.NO_TABLE_UPDATE));
        byte[] framed = MessageReader.framed(message);
        int sent = 0;
        while (sent < framed.length && !ended) {
            int most = Math.min(framed.length - sent, Frames.MAX_PAYLOAD);
            int n = (int) Math.min(most, Math.min(streamWindow, connectionWindow));
            if (n <= 0) {
                receive(to);
                continue;
            }
            to.send(Frames.data(STREAM, framed, sent, n, sent + n == framed.length));
            sent += n;
            streamWindow -= n;
            connectionWindow -= n;
        }
        while (!ended) {
            receive(to);
        }
        return result();
    }

    private static List<Field> fields(String path, List<Header> metadata, long timeoutMillis) {
        String type = value(metadata, CONTENT_TYPE);
        List<Field> fields = new ArrayList<>();
        fields.add(Field.of(":method", "POST"));
        fields.add(Field.of(":scheme", "http"));
        fields.add(Field.of(":path", path));
        // Go's servers insist on an authority, and clients of Unix sockets name this one.
        fields.add(Field.of(":authority", "localhost"));
        fields.add(Field.of(CONTENT_TYPE, type == null ? "application/grpc" : type));
        fields.add(Field.of("te", "trailers"));
        if (timeoutMillis > 0) {
            fields.add(Field.of(TIMEOUT, timeout(timeoutMillis)));
        }
        for (Header header : metadata) {
            if (!header.name().startsWith(":") && !OWN_FIELDS.contains(header.name())) {
                fields.add(Field.of(header.name(), header.value()));
            }
        }
        return fields;
    }

    private static @Nullable String value(List<Header> headers, String name) {
        for (Header header : headers) {
            if (header.name().equals(name)) {
                return header.value();
            }
        }
        return null;
    }

    // ---- What the server sends

    private void receive(ClientConnection from) throws IOException {
        FrameView frame = from.next();
        switch (frame.type()) {
            case Frames.DATA -> data(from, frame);
            case Frames.HEADERS -> headers(frame);
            case Frames.SETTINGS -> settings(frame);
            case Frames.WINDOW_UPDATE -> {
                if (frame.stream() == 0) {
                    connectionWindow += number(frame, 0);
                } else {
                    streamWindow += number(frame, 0);
                }
            }
            case Frames.RST_STREAM -> {
                reset = reset(number(frame, 0));
                ended = true;
            }
            case Frames.GOAWAY -> {
                if (number(frame, 0) < STREAM) {
                    throw new IOException(server.server() + " goes away, error " + number(frame, 4));
                }
            }
            default -> {
                // PRIORITY, and frames that are not known: of no meaning here.
            }
        }
    }

    /** A server resets the stream at the deadline that it was told, which may be noticed there first. */
    private GrpcResponse reset(int error) {
        boolean late = timeoutNanos > 0 && System.nanoTime() - begunNanos >= timeoutNanos;
        return GrpcResponse.unanswered(
                error == Frames.CANCEL && late
                        ? GrpcStatus.expired()
                        : new GrpcStatus(
                                GrpcStatus.UNAVAILABLE, server.server() + " reset the stream, error " + error));
    }

    private static int number(FrameView frame, int offset) throws IOException {
        if (frame.length() < offset + Integer.BYTES) {
            throw new IOException("frame of type " + frame.type() + " with " + frame.length() + " bytes");
        }
        return frame.number(offset);
    }

    private void settings(FrameView frame) {
        for (int i = 0; i + 6 <= frame.length(); i += 6) {
            int value = frame.number(i + 2);
            if (frame.shortNumber(i) == Frames.SETTINGS_INITIAL_WINDOW_SIZE) {
                streamWindow += value - initialWindow;
                initialWindow = value;
            }
        }
    }

    private void data(ClientConnection from, FrameView frame) throws IOException {
        reply.take(frame.buffer(), frame.payloadFrom(), frame.payloadTo());
        if (reply.begun() && reply.declared() > MAX_MESSAGE) {
            throw new IOException("reply of " + reply.declared() + " bytes, above " + MAX_MESSAGE);
        }
        if (frame.length() > 0) {
            from.send(Frames.windowUpdate(0, frame.length()));
            from.send(Frames.windowUpdate(STREAM, frame.length()));
        }
        ended |= frame.endsStream();
    }

    /** A block before the last opens the response; where there are several, the others are interim (1xx) ones. */
    private void headers(FrameView frame) {
        List<Header> fields = frame.fields().stream()
                .map(field -> new Header(field.name(), field.value()))
                .toList();
        if (frame.endsStream()) {
            trailers = fields;
            ended = true;
        } else {
            headers = fields;
        }
    }

    private GrpcResponse result() throws IOException {
        if (reset != null) {
            return reset;
        }
        if (headers.isEmpty() && trailers.isEmpty()) {
            throw new IOException(server.server() + " ended the stream without a header block");
        }
        GrpcStatus status = status(trailers.isEmpty() ? headers : trailers);
        if (status.isOk() && !reply.whole()) {
            throw new EOFException(server.server() + " answered OK without a whole message");
        }
        if (reply.whole() && reply.flag() != 0) {
            throw new IOException(server.server() + " compressed its reply, which it was not told it may");
        }
        return new GrpcResponse(status, headers, reply.whole() ? reply.raw() : null, trailers);
    }

    private GrpcStatus status(List<Header> last) {
        String code = value(last, "grpc-status");
        if (code == null) {
            return new GrpcStatus(GrpcStatus.UNAVAILABLE, server.server() + " ended the stream without a status");
        }
        String text = value(last, "grpc-message");
        return new GrpcStatus(number(code), text == null ? "" : percentDecoded(text));
    }

    private static int number(String code) {
        try {
            return Integer.parseInt(code);
        } catch (NumberFormatException e) {
            return GrpcStatus.UNKNOWN;
        }
    }

    private static String percentDecoded(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }
}
