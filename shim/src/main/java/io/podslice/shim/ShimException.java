package io.podslice.shim;

import java.io.Serial;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The shim cannot listen; the message names the configuration's field and the socket. */
public final class ShimException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final transient Path socket;

    ShimException(Path socket, String message, @Nullable Throwable cause) {
        super("shim.listen unix://" + socket + ": " + message, cause);
        this.socket = socket;
    }

    /** The socket that it is about. */
    public Path socket() {
        return socket;
    }
}
