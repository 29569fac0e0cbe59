package io.podslice.integration.bench;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** The least that any proxy in Java costs: copies bytes between two Unix sockets without reading them. */
final class ByteCopy {

    private static final int BUFFER = 64 * 1024;

    private ByteCopy() {}

    /** Listens on the socket given first and copies to and from the one given second, until the process is ended. */
    public static void main(String[] args) throws IOException {
        UnixDomainSocketAddress runtime = UnixDomainSocketAddress.of(args[1]);
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(args[0]));
            while (true) {
                SocketChannel client = server.accept();
                SocketChannel upstream = SocketChannel.open(runtime);
                Thread.ofVirtual().start(() -> copy(client, upstream));
                Thread.ofVirtual().start(() -> copy(upstream, client));
            }
        }
    }

    private static void copy(SocketChannel from, SocketChannel to) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
        try (from;
                to) {
            while (from.read(buffer) >= 0) {
                buffer.flip();
                while (buffer.hasRemaining()) {
                    to.write(buffer);
                }
                buffer.clear();
            }
        } catch (IOException e) {
            // The other direction has closed both sockets, so this one ends too.
        }
    }
}
