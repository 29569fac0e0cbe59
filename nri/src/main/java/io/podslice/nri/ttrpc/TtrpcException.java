package io.podslice.nri.ttrpc;

/** A failed call; at a server, the status to answer with. */
public final class TtrpcException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int code;

    public TtrpcException(int code, String message) {
        super(message);
        this.code = code;
    }

    /** The gRPC status code. */
    public int code() {
        return code;
    }

    public TtrpcStatus status() {
        return new TtrpcStatus(code, String.valueOf(getMessage()));
    }
}
