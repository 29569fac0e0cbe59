package io.podslice.agent.http;

import io.podslice.shim.socket.ListenException;
import io.podslice.shim.socket.ListeningSocket;
import java.io.Closeable;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** A socket by which clients come in: a TCP port, or a Unix socket. */
public interface Entrance extends Closeable {
    /**
     * Waits for the next connection.
     *
     * @throws java.nio.channels.ClosedChannelException once it is closed
     * @throws IOException if this connection cannot be had; another one may
     */
    SocketChannel accept() throws IOException;

    /** Returns the port; -1 for a Unix socket. */
    int port();

    /**
     * Listens.
     *
     * @param field the configuration's field that names the address, e.g. {@code api.page}
     * @param address a TCP port, or a Unix socket, which has mode 0600 then; one that no process listens on is replaced
     * @throws IOException if it cannot be listened on; the message says why
     */
    static Entrance listen(String field, SocketAddress address) throws IOException {
        return address instanceof UnixDomainSocketAddress unix ? new Local(field, unix) : new Port(address);
    }

    /** A TCP port. */
    final class Port implements Entrance {
        private static final int BACKLOG = 64;

        private final ServerSocketChannel channel;

        private Port(SocketAddress address) throws IOException {
            channel = ServerSocketChannel.open();
            try {
                channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
                channel.bind(address, BACKLOG);
            } catch (IOException e) {
                channel.close();
                throw e;
            }
        }

        @Override
        public SocketChannel accept() throws IOException {
            return channel.accept();
        }

        @Override
        public int port() {
            return channel.socket().getLocalPort();
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    /** A Unix socket. */
    final class Local implements Entrance {
        private final ListeningSocket socket;

        private Local(String field, UnixDomainSocketAddress address) throws IOException {
            try {
                socket = ListeningSocket.bindForOwner(field, address.getPath());
            } catch (ListenException e) {
                throw new IOException(e.getMessage(), e);
            }
        }

        @Override
        public SocketChannel accept() throws IOException {
            return socket.accept();
        }

        @Override
        public int port() {
            return -1;
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }
}
