package io.podslice.nri.ttrpc;

/** A call that did not end well; at a server, what the caller is to be told. */
public final class TtrpcException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int code;

    public TtrpcException(int code, String message) {
        super(message);
        this.code = code;
    }

    /** A gRPC status code. */
    public int code() {
        return code;
    }

    public TtrpcStatus status() {
        return new TtrpcStatus(code, String.valueOf(getMessage()));
    }
}
