package io.podslice.shim.tap;

import io.podslice.grpc.http2.Field;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The methods that are intercepted. Looked up once for each entry of a connection's header table. */
final class Interceptions {
    private static final byte[] PATH = ":path".getBytes(StandardCharsets.US_ASCII);

    /** Noted on a path that is not intercepted. */
    private static final Object NOT_INTERCEPTED = new Object();

    private final Map<String, Interception> byPath = new HashMap<>();

    Interceptions(Map<String, Interception> byPath) {
        // A path without its leading slash is none of these: grpc-go answers it with Unimplemented.
        this.byPath.putAll(byPath);
    }

    /**
     * The interception of a request, by any of its paths: one is all it should have.
     *
     * @param fields of a header block that opens a stream
     */
    @Nullable
    Interception of(List<Field> fields) {
        for (int i = 0; i < fields.size(); i++) {
            Field field = fields.get(i);
            if (field.isNamed(PATH)) {
                Interception found = of(field);
                if (found != null) {
                    return found;
                }
            }
        }
        return null;
    }

    private @Nullable Interception of(Field path) {
        Object note = path.note();
        if (note == null) {
            note = byPath.get(path.value());
            path.note(note == null ? NOT_INTERCEPTED : note);
        }
        return note instanceof Interception interception ? interception : null;
    }
}
