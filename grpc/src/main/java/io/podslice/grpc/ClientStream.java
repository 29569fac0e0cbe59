package io.podslice.grpc;

import io.podslice.grpc.http2.Field;
import io.podslice.grpc.http2.FrameView;
import io.podslice.grpc.http2.Frames;
import io.podslice.grpc.http2.MessageReader;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The one stream of a connection: sends the request as far as the server's windows let it, and takes the response.
 * For use by one thread.
 */
final class ClientStream {
    private static final int ID = 1;

    /** Most header blocks of a response: one opens it, one ends it, interim ones (1xx) may come before. */
    private static final int MOST_BLOCKS = 16;

    private final ClientConnection connection;
    private final int window;
    private final MessageSplitter messages;

    private List<Header> headers = List.of();
    private List<Header> trailers = List.of();
    private int blocks;
    private long connectionWindow = Frames.DEFAULT_WINDOW;
    private long streamWindow = Frames.DEFAULT_WINDOW;
    private int initialWindow = Frames.DEFAULT_WINDOW;

    /** Bytes that were taken and not yet granted again. */
    private int taken;

    private boolean ended;
    private @Nullable Integer reset;

    /**
     * A stream on which nothing has been sent, on a connection on which nothing has been, either.
     *
     * @param window bytes that the server may send ahead of {@code messages}
     * @param messages takes the response's messages
     */
    ClientStream(ClientConnection connection, int window, MessageSplitter messages) {
        this.connection = connection;
        this.window = window;
        this.messages = messages;
    }

    /** Opens the connection and the stream, sends the message, and takes what the server sends until the stream ends. */
    void run(List<Field> fields, ByteBuffer message) throws IOException {
        connection.open(Frames.SETTINGS_ENABLE_PUSH, 0, Frames.SETTINGS_INITIAL_WINDOW_SIZE, window);
        connection.send(Frames.windowUpdate(0, window));
        connection.send(Frames.headers(ID, fields, false, new byte[0], Frames.NO_TABLE_UPDATE));
        byte[] framed = MessageReader.framed(message);
        int sent = 0;
        while (sent < framed.length && !ended) {
            int most = Math.min(framed.length - sent, Frames.MAX_PAYLOAD);
            int n = (int) Math.min(most, Math.min(streamWindow, connectionWindow));
            if (n <= 0) {
                receive();
                continue;
            }
            connection.send(Frames.data(ID, framed, sent, n, sent + n == framed.length));
            sent += n;
            streamWindow -= n;
            connectionWindow -= n;
        }
        while (!ended) {
            receive();
        }
    }

    private void receive() throws IOException {
        FrameView frame = connection.next();
        switch (frame.type()) {
            case Frames.DATA -> data(own(frame));
            case Frames.HEADERS -> headers(own(frame));
            case Frames.SETTINGS -> settings(frame);
            case Frames.WINDOW_UPDATE -> windowUpdate(frame);
            case Frames.RST_STREAM -> {
                reset = number(own(frame), 0);
                ended = true;
            }
            case Frames.GOAWAY -> {
                if (number(frame, 0) < ID) {
                    throw new IOException(connection.server() + " goes away, error " + number(frame, 4));
                }
            }
            case Frames.PUSH_PROMISE, Frames.CONTINUATION ->
                throw new IOException(connection.server() + " sent a frame of type " + frame.type()
                        + ", which belongs nowhere in a response");
            default -> {
                // PING, PRIORITY, and frames that are not known: of no meaning here.
            }
        }
    }

    private FrameView own(FrameView frame) throws IOException {
        if (frame.stream() != ID) {
            throw new IOException(connection.server() + " sent a frame of type " + frame.type() + " on stream "
                    + frame.stream() + ", which was never opened");
        }
        return frame;
    }

    private int number(FrameView frame, int offset) throws IOException {
        if (frame.length() < offset + Integer.BYTES) {
            throw new IOException(connection.server() + " sent a frame of type " + frame.type() + " with "
                    + frame.length() + " bytes");
        }
        return frame.number(offset);
    }

    private void windowUpdate(FrameView frame) throws IOException {
        int increment = number(frame, 0) & Integer.MAX_VALUE;
        if (frame.stream() == 0) {
            connectionWindow += increment;
        } else {
            streamWindow += increment;
        }
    }

    private void settings(FrameView frame) {
        for (int i = 0; i + 6 <= frame.length(); i += 6) {
            int value = frame.number(i + 2);
            if (frame.shortNumber(i) == Frames.SETTINGS_INITIAL_WINDOW_SIZE) {
                streamWindow += (long) value - initialWindow;
                initialWindow = value;
            }
        }
    }

    /**
     * Takes a frame's payload, and grants as much again once half of the window has been taken: the server never has less
     * than half while its messages are taken, and stops when they are not.
     */
    private void data(FrameView frame) throws IOException {
        messages.take(frame.buffer(), frame.payloadFrom(), frame.payloadTo());
        ended |= frame.endsStream();
        taken += frame.length();
        if (taken >= window / 2 && !ended) {
            connection.send(Frames.windowUpdate(0, taken));
            connection.send(Frames.windowUpdate(ID, taken));
            taken = 0;
        }
    }

    /** A block before the last opens the response; where there are several, the others are interim (1xx) ones. */
    private void headers(FrameView frame) throws IOException {
        if (++blocks > MOST_BLOCKS) {
            throw new IOException(connection.server() + " sent more than " + MOST_BLOCKS + " header blocks");
        }
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

    // ---- The end

    /** Returns the error with which the server reset the stream; null if it did not. */
    @Nullable
    Integer reset() {
        return reset;
    }

    /** Returns the fields of the block that opened the response; empty where the server sent trailers only. */
    List<Header> headers() {
        return headers;
    }

    /** Returns the fields of the block that ended the response; empty where it ended without one. */
    List<Header> trailers() {
        return trailers;
    }

    /**
     * Returns the status of a stream that has ended.
     *
     * @throws IOException if the response has no header block at all
     */
    GrpcStatus status() throws IOException {
        if (reset != null) {
            return new GrpcStatus(GrpcStatus.UNAVAILABLE, connection.server() + " reset the stream, error " + reset);
        }
        if (headers.isEmpty() && trailers.isEmpty()) {
            throw new IOException(connection.server() + " ended the stream without a header block");
        }
        List<Header> last = trailers.isEmpty() ? headers : trailers;
        String code = Header.value(last, "grpc-status");
        if (code == null) {
            return new GrpcStatus(GrpcStatus.UNAVAILABLE, connection.server() + " ended the stream without a status");
        }
        String text = Header.value(last, "grpc-message");
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
