package io.podslice.agent;

import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The socket on which the service manager listens for podslice, handed down as standard input ({@code
 * StandardInput=socket}, systemd.exec(5)). Clients that connect while no podslice runs wait in its backlog, so that a
 * restart refuses none.
 */
public final class InheritedSocket {
    private static final Logger LOG = LoggerFactory.getLogger(InheritedSocket.class);

    private InheritedSocket() {}

    /** Tells if there is such a socket. */
    public static boolean isThere() {
        return find().isPresent();
    }

    /** Returns the socket; empty where standard input is something else. */
    static Optional<ServerSocketChannel> find() {
        try {
            return System.inheritedChannel() instanceof ServerSocketChannel listening
                    ? Optional.of(listening)
                    : Optional.empty();
        } catch (IOException e) {
            LOG.error(
                    "standard input cannot be looked at, so podslice listens on a socket of its own: {}", e.toString());
            return Optional.empty();
        }
    }
}
