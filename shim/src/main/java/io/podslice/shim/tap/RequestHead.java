package io.podslice.shim.tap;

import io.podslice.grpc.GrpcStatus;
import io.podslice.grpc.Header;
import io.podslice.shim.tap.Decision.Relay;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The header fields that open a held call, read as grpc-go's server reads them before a method sees the call (1.79,
 * internal/transport/http2_server.go, operateHeaders).
 *
 * @param rejection the answer to a head that the server would not take; null for one that it takes
 * @param timeout the time that the client waits from here on; null where it names none
 */
record RequestHead(@Nullable Relay rejection, @Nullable Duration timeout) {
    private static final byte[] METHOD = ":method".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CONTENT_TYPE = "content-type".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] TIMEOUT = "grpc-timeout".getBytes(StandardCharsets.US_ASCII);
    private static final String GRPC = "application/grpc";

    private static final int HTTP_OK = 200;
    private static final int BAD_REQUEST = 400;
    private static final int METHOD_NOT_ALLOWED = 405;
    private static final int UNSUPPORTED_MEDIA_TYPE = 415;

    /** @param needsType whether a head without a content-type is rejected too */
    static RequestHead of(HeaderFields fields, boolean needsType) {
        String type = fields.value(CONTENT_TYPE);
        if (!isGrpc(type) && (needsType || !type.isEmpty())) {
            String text = "invalid gRPC request content-type " + GrpcTimeout.quoted(type);
            return rejected(UNSUPPORTED_MEDIA_TYPE, new GrpcStatus(GrpcStatus.INVALID_ARGUMENT, text));
        }
        String named = fields.value(TIMEOUT);
        Duration timeout;
        try {
            timeout = named.isEmpty() ? null : GrpcTimeout.read(named);
        } catch (GrpcTimeout.Malformed e) {
            String text = "malformed grpc-timeout: " + e.getMessage();
            return rejected(BAD_REQUEST, new GrpcStatus(GrpcStatus.INTERNAL, text));
        }
        String method = fields.value(METHOD);
        if (!method.isEmpty() && !method.equals("POST")) {
            String text =
                    "Received a HEADERS frame with :method " + GrpcTimeout.quoted(method) + " which should be POST";
            return rejected(METHOD_NOT_ALLOWED, new GrpcStatus(GrpcStatus.INTERNAL, text));
        }
        if (timeout != null && timeout.isZero()) {
            return rejected(HTTP_OK, GrpcStatus.expired());
        }
        return new RequestHead(null, timeout);
    }

    private static boolean isGrpc(String type) {
        return type.equals(GRPC) || type.startsWith(GRPC + "+") || type.startsWith(GRPC + ";");
    }

    private static RequestHead rejected(int httpStatus, GrpcStatus status) {
        List<Header> fields = List.of(
                new Header(":status", Integer.toString(httpStatus)),
                new Header("content-type", GRPC),
                new Header("grpc-status", Integer.toString(status.code())),
                new Header("grpc-message", Replies.percentEncoded(status.message())));
        return new RequestHead(new Relay(List.of(), null, fields), null);
    }
}
