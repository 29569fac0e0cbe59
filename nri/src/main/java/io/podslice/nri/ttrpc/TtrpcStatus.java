package io.podslice.nri.ttrpc;

/**
 * The status of a call that failed.
 *
 * @param code a gRPC status code: one of the constants, or another
 * @param message text for people
 */
public record TtrpcStatus(int code, String message) {
    public static final int UNKNOWN = 2;
    public static final int INVALID_ARGUMENT = 3;
    public static final int DEADLINE_EXCEEDED = 4;
    public static final int RESOURCE_EXHAUSTED = 8;
    public static final int FAILED_PRECONDITION = 9;
    public static final int UNIMPLEMENTED = 12;
    public static final int INTERNAL = 13;
    public static final int UNAVAILABLE = 14;
}
