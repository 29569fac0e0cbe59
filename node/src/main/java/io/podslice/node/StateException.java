package io.podslice.node;

import java.io.Serial;

/** The brain's state could not be saved: which file, and why. */
public final class StateException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final String file;

    public StateException(String file, String reason, Throwable cause) {
        super("state file " + file + ": " + reason, cause);
        this.file = file;
    }

    public String file() {
        return file;
    }
}
