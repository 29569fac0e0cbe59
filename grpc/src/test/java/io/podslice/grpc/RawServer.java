package io.podslice.grpc;

import io.podslice.grpc.http2.Field;
import io.podslice.grpc.http2.Frames;
import io.podslice.grpc.http2.MessageReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** A server that says what a test makes it say, to one client after the other. */
final class RawServer implements AutoCloseable {
    private static final byte[] NO_PRIORITY = {};

    /** What a server does with a client; an exception ends the connection, as a return does. */
    @FunctionalInterface
    interface Script {
        void talk(SocketChannel client) throws IOException, InterruptedException;
    }

    private final Path socket;
    private final ServerSocketChannel listening;
    private final Thread thread;

    RawServer(Path socket, Script script) throws IOException {
        this.socket = socket;
        listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket));
        thread = Thread.ofVirtual().start(() -> serve(script));
    }

    private void serve(Script script) {
        while (listening.isOpen()) {
            try (SocketChannel client = listening.accept()) {
                script.talk(client);
            } catch (IOException | InterruptedException e) {
                // The client, or the test, has had enough.
            }
        }
    }

    static void send(SocketChannel client, ByteBuffer... frames) throws IOException {
        for (ByteBuffer frame : frames) {
            while (frame.hasRemaining()) {
                client.write(frame);
            }
        }
    }

    /** Reads until the client has gone. */
    static void readOn(SocketChannel client) throws IOException {
        ByteBuffer into = ByteBuffer.allocate(4096);
        while (client.read(into) >= 0) {
            into.clear();
        }
    }

    static ByteBuffer frame(int type, int flags, int stream, int... payload) {
        ByteBuffer frame = ByteBuffer.allocate(Frames.HEADER_BYTES + payload.length);
        frame.put((byte) 0).putShort((short) payload.length);
        frame.put((byte) type).put((byte) flags).putInt(stream);
        for (int b : payload) {
            frame.put((byte) b);
        }
        return frame.flip();
    }

    static ByteBuffer headers(boolean end, String... namesAndValues) {
        Field[] fields = new Field[namesAndValues.length / 2];
        for (int i = 0; i < fields.length; i++) {
            fields[i] = Field.of(namesAndValues[2 * i], namesAndValues[2 * i + 1]);
        }
        return Frames.headers(1, Arrays.asList(fields), end, NO_PRIORITY, Frames.NO_TABLE_UPDATE);
    }

    /** The block that opens a response. */
    static ByteBuffer opening() {
        return headers(false, ":status", "200");
    }

    static ByteBuffer end(int status) {
        return headers(true, "grpc-status", Integer.toString(status));
    }

    /** A message in one DATA frame. */
    static ByteBuffer message(int... content) {
        byte[] framed = framed(content);
        return Frames.data(1, framed, 0, framed.length, false);
    }

    /** A message with its prefix. */
    static byte[] framed(int... content) {
        ByteBuffer message = ByteBuffer.allocate(content.length);
        for (int b : content) {
            message.put((byte) b);
        }
        return MessageReader.framed(message.flip());
    }

    @Override
    public void close() throws IOException {
        listening.close();
        thread.interrupt();
        Files.deleteIfExists(socket);
    }
}
