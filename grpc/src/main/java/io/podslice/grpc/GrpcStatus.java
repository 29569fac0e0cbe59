package io.podslice.grpc;

/**
 * The end of a call, in gRPC's terms.
 *
 * @param code gRPC status code, 0 to 16 (OK is 0)
 * @param message text for people; sent percent-encoded
 */
public record GrpcStatus(int code, String message) {

    public static final int OK = 0;
    public static final int CANCELLED = 1;
    public static final int UNKNOWN = 2;
    public static final int INVALID_ARGUMENT = 3;
    public static final int DEADLINE_EXCEEDED = 4;
    public static final int NOT_FOUND = 5;
    public static final int RESOURCE_EXHAUSTED = 8;
    public static final int FAILED_PRECONDITION = 9;
    public static final int UNIMPLEMENTED = 12;
    public static final int INTERNAL = 13;
    public static final int UNAVAILABLE = 14;

    /** The end of a call whose client waits no longer, in the words of grpc-go. */
    public static GrpcStatus expired() {
        return new GrpcStatus(DEADLINE_EXCEEDED, "context deadline exceeded");
    }

    /** Tells whether the call succeeded. */
    public boolean isOk() {
        return code == OK;
    }

    /** Tells whether the server does not have what it was asked about. */
    public boolean isNotFound() {
        return code == NOT_FOUND;
    }
}
