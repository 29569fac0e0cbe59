package io.podslice.nri.mux;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A trunk on a Unix socket that podslice has connected. */
public final class SocketTrunk implements Trunk {
    private static final Logger log = LoggerFactory.getLogger(SocketTrunk.class);

    private final SocketChannel channel;

    private SocketTrunk(SocketChannel channel) {
        this.channel = channel;
    }

    /**
     * Connects to the socket.
     *
     * @throws IOException if no process listens there, or podslice may not connect
     */
    public static SocketTrunk connect(Path socket) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
            return new SocketTrunk(channel);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** Takes over a connected channel in blocking mode. */
    public static SocketTrunk of(SocketChannel channel) {
        return new SocketTrunk(channel);
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        return channel.read(into);
    }

    @Override
    public void writeSome(ByteBuffer from) throws IOException {
        channel.write(from);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            log.debug("close: {}", e.getMessage());
        }
    }
}
