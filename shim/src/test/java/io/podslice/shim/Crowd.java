package io.podslice.shim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Connections of clients that have nothing to ask. */
final class Crowd implements AutoCloseable {
    /** The preface, and SETTINGS that say nothing. */
    private static final byte[] HELLO =
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0".getBytes(StandardCharsets.US_ASCII);

    private static final int FRAME_HEADER = 9;
    private static final byte SETTINGS = 4;

    private final Path socket;
    private final List<SocketChannel> clients = new ArrayList<>();

    Crowd(Path socket) {
        this.socket = socket;
    }

    /** Connects so many more, as a client does that does not block: a full backlog refuses it. */
    void connect(int count) throws IOException {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(socket);
        for (int i = 0; i < count; i++) {
            SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX);
            clients.add(client);
            client.configureBlocking(false);
            assertThat(client.connect(address))
                    .as("connection %d of %d", i + 1, count)
                    .isTrue();
        }
    }

    /**
     * Begins HTTP/2 on those that have not, and waits until the runtime has, too.
     *
     * @param from the number of those that have
     */
    void greet(int from) throws IOException {
        List<SocketChannel> silent = clients.subList(from, clients.size());
        for (SocketChannel client : silent) {
            client.configureBlocking(true);
            client.write(ByteBuffer.wrap(HELLO));
        }
        for (SocketChannel client : silent) {
            ByteBuffer frame = ByteBuffer.allocate(FRAME_HEADER);
            while (frame.hasRemaining()) {
                assertThat(client.read(frame)).as("bytes read").isPositive();
            }
            assertThat(frame.get(3)).as("type of the first frame").isEqualTo(SETTINGS);
        }
    }

    @Override
    public void close() throws IOException {
        for (SocketChannel client : clients) {
            client.close();
        }
    }
}
