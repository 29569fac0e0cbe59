package io.podslice.shim.socket;

import java.io.Serial;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A socket cannot be listened on; the message names the configuration's field and the socket. */
public final class ListenException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final transient Path socket;

    /**
     * @param field the configuration's field that names the socket, e.g. {@code shim.listen}
     * @param message what is wrong
     */
    public ListenException(String field, Path socket, String message, @Nullable Throwable cause) {
        super(field + " unix://" + socket + ": " + message, cause);
        this.socket = socket;
    }

    /** The socket that it is about. */
    public Path socket() {
        return socket;
    }
}
