package io.podslice.shim.tap;

import org.jspecify.annotations.Nullable;

/**
 * How a call ended, in gRPC's terms.
 *
 * @param code gRPC status code, 0 to 16 (OK is 0)
 * @param message text for people; sent percent-encoded
 * @param details value of the {@code grpc-status-details-bin} trailer as it travels (base64), or null
 */
public record GrpcStatus(int code, String message, @Nullable String details) {

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

    public GrpcStatus(int code, String message) {
        this(code, message, null);
    }
}
