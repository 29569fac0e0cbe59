package io.podslice.node;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** The brain's state cannot be saved; names the file or folder and the reason. */
public final class StateException extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final String file;
    private final String reason;

    public StateException(String file, String reason, @Nullable Throwable cause) {
        super("state file " + file + ": " + reason, cause);
        this.file = file;
        this.reason = reason;
    }

    public String file() {
        return file;
    }

    /** Returns the reason, without the file's name. */
    public String reason() {
        return reason;
    }
}
