package io.podslice.nri.mux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** Two ends of a Unix socket. */
public record Channels(SocketChannel ours, SocketChannel theirs) implements AutoCloseable {

    public static Channels connected() {
        try {
            Path folder = Files.createTempDirectory("nri");
            Path socket = folder.resolve("s");
            try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                server.bind(UnixDomainSocketAddress.of(socket));
                SocketChannel ours = SocketChannel.open(UnixDomainSocketAddress.of(socket));
                return new Channels(ours, server.accept());
            } finally {
                Files.deleteIfExists(socket);
                Files.deleteIfExists(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        ours.close();
        theirs.close();
    }
}
