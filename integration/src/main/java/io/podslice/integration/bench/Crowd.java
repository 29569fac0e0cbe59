package io.podslice.integration.bench;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Connections of gRPC clients that have nothing to ask. */
final class Crowd implements AutoCloseable {
    /** HTTP/2's preface, and SETTINGS that say nothing. */
    private static final byte[] HELLO =
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0".getBytes(StandardCharsets.US_ASCII);

    private static final int FRAME_HEADER = 9;

    private final UnixDomainSocketAddress address;
    private final List<SocketChannel> open = new ArrayList<>();
    private int refused;

    Crowd(Path socket) {
        this.address = UnixDomainSocketAddress.of(socket);
    }

    /** Opens connections until there are so many, in a row; a full backlog refuses a client that does not block. */
    void growTo(int count) {
        List<SocketChannel> opened = new ArrayList<>();
        try {
            for (int i = open.size(); i < count; i++) {
                SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
                channel.configureBlocking(false);
                opened.add(channel);
            }
            for (SocketChannel channel : opened) {
                connect(channel);
            }
            for (SocketChannel channel : opened) {
                greet(channel);
            }
        } catch (IOException e) {
            throw new BenchException("cannot open %d connections".formatted(count), e);
        } finally {
            open.addAll(opened);
        }
    }

    private void connect(SocketChannel channel) throws IOException {
        try {
            channel.connect(address);
            channel.configureBlocking(true);
            channel.write(ByteBuffer.wrap(HELLO));
        } catch (IOException e) {
            refused++;
            channel.close();
        }
    }

    /** Waits for the runtime's first frame. */
    private void greet(SocketChannel channel) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(FRAME_HEADER);
        while (channel.isOpen() && frame.hasRemaining()) {
            if (channel.read(frame) < 0) {
                refused++;
                channel.close();
            }
        }
    }

    /** Returns the number of connections that were refused, or closed before the runtime had said a word. */
    int refused() {
        return refused;
    }

    @Override
    public void close() {
        for (SocketChannel channel : open) {
            try {
                channel.close();
            } catch (IOException e) {
                throw new BenchException("a connection cannot be closed", e);
            }
        }
    }
}
