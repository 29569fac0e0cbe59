package io.podslice.shim.tap;

import io.podslice.shim.http2.Field;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The header fields with which a client opened a call.
 *
 * @param fields in the order sent, pseudo-header fields too
 */
record RequestHead(List<Field> fields) {
    private static final byte[] PATH = ":path".getBytes(StandardCharsets.US_ASCII);

    RequestHead {
        fields = List.copyOf(fields);
    }

    /** Returns the value of the first field of that name; empty if there is none. */
    static String find(List<Field> fields, byte[] name) {
        for (Field field : fields) {
            if (field.isNamed(name)) {
                return field.value();
            }
        }
        return "";
    }

    /** Returns the value of the request's first field of that name; empty if there is none. */
    String value(byte[] name) {
        return find(fields, name);
    }

    /** Returns the method that is called: {@code /package.Service/Method}. */
    String path() {
        return value(PATH);
    }

    /** Returns the fields as a handler sees them. */
    List<Header> headers() {
        return fields.stream()
                .map(field -> new Header(field.name(), field.value()))
                .toList();
    }
}
