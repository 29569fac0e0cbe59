package io.podslice.grpc;

import io.podslice.grpc.http2.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The header fields that open a call. */
final class RequestFields {
    private static final String CONTENT_TYPE = "content-type";
    private static final String TIMEOUT = "grpc-timeout";
    private static final int LARGEST_TIMEOUT = 99_999_999;

    /** Fields that are set here, or have no meaning for this connection. */
    private static final Set<String> OWN_FIELDS =
            Set.of("content-length", CONTENT_TYPE, "grpc-encoding", "grpc-accept-encoding", TIMEOUT, "te");

    private RequestFields() {}

    /**
     * Makes the fields of a call.
     *
     * @param path {@code /package.Service/Method}
     * @param metadata sent along, but for pseudo-header fields and what gRPC sets by itself; its content-type is taken
     *     where it has one
     * @param timeoutMillis the deadline; 0: none
     */
    static List<Field> of(String path, List<Header> metadata, long timeoutMillis) {
        List<Field> fields = new ArrayList<>();
        fields.add(Field.of(":method", "POST"));
        fields.add(Field.of(":scheme", "http"));
        fields.add(Field.of(":path", path));
        // Go's servers insist on an authority, and clients of Unix sockets name this one.
        fields.add(Field.of(":authority", "localhost"));
        fields.add(Field.of(CONTENT_TYPE, contentType(metadata)));
        fields.add(Field.of("te", "trailers"));
        if (timeoutMillis > 0) {
            fields.add(Field.of(TIMEOUT, timeout(timeoutMillis)));
        }
        for (Header header : metadata) {
            if (!header.name().startsWith(":") && !OWN_FIELDS.contains(header.name())) {
                fields.add(Field.of(header.name(), header.value()));
            }
        }
        return fields;
    }

    private static String contentType(List<Header> metadata) {
        String type = Header.value(metadata, CONTENT_TYPE);
        return type == null ? "application/grpc" : type;
    }

    /** Returns a timeout as it travels, rounded up to what eight digits can say. */
    static String timeout(long millis) {
        if (millis <= LARGEST_TIMEOUT) {
            return millis + "m";
        }
        return Math.min(Math.ceilDiv(millis, 1000), LARGEST_TIMEOUT) + "S";
    }
}
