package io.podslice.nri.mux;

import java.io.IOException;
import java.nio.ByteBuffer;
import jnr.unixsocket.UnixSocketChannel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A connected socket that the process inherited as a numbered descriptor; the JDK takes over only number 0. */
public final class InheritedTrunk implements Trunk {
    private static final Logger log = LoggerFactory.getLogger(InheritedTrunk.class);

    private final UnixSocketChannel channel;

    private InheritedTrunk(UnixSocketChannel channel) {
        this.channel = channel;
    }

    /**
     * Takes over a descriptor.
     *
     * @param descriptor 3 or more
     * @throws IOException if it is no connected socket
     */
    public static InheritedTrunk adopt(int descriptor) throws IOException {
        UnixSocketChannel channel = UnixSocketChannel.fromFD(descriptor);
        try {
            // Reads nothing, and fails where there is no such descriptor or it is no stream.
            channel.write(ByteBuffer.allocate(0));
        } catch (IOException e) {
            throw new IOException("descriptor " + descriptor + " is no connected socket: " + e.getMessage(), e);
        }
        return new InheritedTrunk(channel);
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        return channel.read(into);
    }

    @Override
    public void writeSome(ByteBuffer from) throws IOException {
        channel.write(from);
    }

    /** Shuts down first: closing a descriptor does not wake threads that wait in it. */
    @Override
    public void close() {
        try {
            channel.shutdownInput();
            channel.shutdownOutput();
            channel.close();
        } catch (IOException e) {
            log.debug("close: {}", e.getMessage());
        }
    }
}
