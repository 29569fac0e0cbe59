package io.podslice.agent.install;

import io.podslice.managers.pod.Printable;
import java.io.Serial;

/** The node could not be given podslice, or freed of it; the message says why, and what to do. */
public final class InstallException extends Exception {
    @Serial
    private static final long serialVersionUID = 1L;

    /** @param message one line, which is made printable */
    public InstallException(String message) {
        super(Printable.of(message));
    }

    /** @param message one line, which is made printable */
    public InstallException(String message, Throwable cause) {
        super(Printable.of(message), cause);
    }
}
