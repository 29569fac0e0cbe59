package io.podslice.cluster.apiserver;

import java.io.IOException;
import java.io.Serial;

/** The API server has answered with a failure. */
public final class ApiException extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final int code;

    /**
     * @param code the HTTP status
     * @param message the server's words
     */
    public ApiException(int code, String message) {
        super("the API server answers " + code + (message.isEmpty() ? "" : ": " + message));
        this.code = code;
    }

    /** Returns the HTTP status. */
    public int code() {
        return code;
    }

    /** Tells if what was asked for is not there. */
    public boolean isNotFound() {
        return code == 404;
    }

    /** Tells if the server does not take the credentials. */
    public boolean isUnauthorized() {
        return code == 401;
    }

    /** Tells if the server no longer has the changes since a resource version. */
    public boolean isExpired() {
        return code == 410;
    }

    /** Tells if another change came between reading and writing, or the object is another one now. */
    public boolean isConflict() {
        return code == 409;
    }

    /** Tells if the server has too much to do, and may answer later. */
    public boolean isBusy() {
        return code == 429 || code == 503;
    }

    /** Tells if the server does not know what it is asked for, as an old one does not know WatchList. */
    public boolean isInvalid() {
        return code == 400 || code == 422;
    }
}
