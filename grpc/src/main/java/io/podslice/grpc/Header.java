package io.podslice.grpc;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 header field.
 *
 * @param name lower case; pseudo-header fields begin with a colon
 * @param value each char one byte (ISO 8859-1)
 */
public record Header(String name, String value) {

    /** Returns the value of the first field of that name; null if there is none. */
    static @Nullable String value(List<Header> headers, String name) {
        for (Header header : headers) {
            if (header.name().equals(name)) {
                return header.value();
            }
        }
        return null;
    }
}
