package io.podslice.cluster.kubelet;

import io.podslice.grpc.GrpcStatus;
import io.podslice.managers.pod.Printable;
import java.io.IOException;
import java.io.Serial;

/** The kubelet answered a call with an error. */
public final class CallFailedException extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    private static final int LONGEST = 200;
    private static final String WATCH_DROPPED = "watch client channel closed";

    private final int code;
    private final String text;

    /** @param method the method's name without its service */
    public CallFailedException(String method, GrpcStatus status) {
        super(method + ": " + described(status) + " (gRPC status " + status.code() + ", "
                + Printable.of(status.message(), LONGEST) + ")");
        this.code = status.code();
        this.text = status.message();
    }

    private static String described(GrpcStatus status) {
        return switch (status.code()) {
            case GrpcStatus.DEADLINE_EXCEEDED -> "the kubelet did not answer in time";
            case GrpcStatus.RESOURCE_EXHAUSTED ->
                status.message().contains(WATCH_DROPPED)
                        ? "the kubelet dropped the watch, which it could not send its events in time"
                        : "the kubelet's rate limit, 100 calls a second, is used up";
            case GrpcStatus.FAILED_PRECONDITION -> "the kubelet is starting, and has not read all its pods yet";
            case GrpcStatus.UNIMPLEMENTED -> "the kubelet does not serve this; its feature gate may be off";
            case GrpcStatus.UNAVAILABLE -> "the kubelet ended the call";
            default -> "the kubelet refused the call";
        };
    }

    /** Returns the gRPC status code. */
    public int code() {
        return code;
    }

    /** Returns the kubelet's own text. */
    public String text() {
        return text;
    }

    /** Tells if the kubelet does not have what it was asked about. */
    public boolean isNotFound() {
        return code == GrpcStatus.NOT_FOUND;
    }

    /** Tells if the kubelet answered that it has had too many calls. */
    public boolean isRateLimit() {
        return code == GrpcStatus.RESOURCE_EXHAUSTED;
    }

    /** Tells if no answer came in time. */
    public boolean isLate() {
        return code == GrpcStatus.DEADLINE_EXCEEDED;
    }

    /** Tells if the kubelet's own text contains that one. */
    public boolean says(String part) {
        return text.contains(part);
    }
}
