package io.podslice.shim.tap;

import io.podslice.grpc.Header;
import io.podslice.grpc.http2.Field;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The fields of one header block, kept longer than the frame that brought them, or made for a block of the tap's own.
 *
 * @param list in the order sent, pseudo-header fields too
 */
record HeaderFields(List<Field> list) {
    private static final byte[] PATH = ":path".getBytes(StandardCharsets.US_ASCII);

    HeaderFields {
        list = List.copyOf(list);
    }

    /** Makes a block's fields from what a handler gives. */
    static HeaderFields of(List<Header> headers) {
        return new HeaderFields(headers.stream()
                .map(header -> Field.of(header.name(), header.value()))
                .toList());
    }

    /** Makes a block's fields from the tap's own. */
    static HeaderFields of(Header... headers) {
        return of(List.of(headers));
    }

    /** Returns the value of the first field of that name; empty if there is none. */
    String value(byte[] name) {
        for (Field field : list) {
            if (field.isNamed(name)) {
                return field.value();
            }
        }
        return "";
    }

    /** Returns the method that a request calls: {@code /package.Service/Method}. */
    String path() {
        return value(PATH);
    }

    /** Returns the fields as a handler sees them. */
    List<Header> headers() {
        return list.stream()
                .map(field -> new Header(field.name(), field.value()))
                .toList();
    }
}
