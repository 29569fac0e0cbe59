package io.podslice.integration.fuzz;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** Makes pairs of connected Unix sockets, as a client or a runtime and the tap have them; used by one thread. */
final class Wires implements AutoCloseable {

    private final Path folder;
    private final Path path;
    private final ServerSocketChannel server;

    /**
     * The two ends of one connection.
     *
     * @param peer for a peer; does not block
     * @param tap for the tap; blocks
     */
    record Wire(SocketChannel peer, SocketChannel tap) {}

    Wires() throws IOException {
        folder = Files.createTempDirectory("tap");
        path = folder.resolve("s");
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(path));
    }

    Wire pair() throws IOException {
        SocketChannel peer = SocketChannel.open(UnixDomainSocketAddress.of(path));
        SocketChannel tap = server.accept();
        peer.configureBlocking(false);
        return new Wire(peer, tap);
    }

    @Override
    public void close() throws IOException {
        server.close();
        Files.deleteIfExists(path);
        Files.delete(folder);
    }
}
