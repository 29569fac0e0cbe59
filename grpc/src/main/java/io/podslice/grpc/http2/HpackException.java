package io.podslice.grpc.http2;

import java.io.IOException;
import java.io.Serial;

/** A header block that cannot be decoded; nothing that follows on its connection can be, either. */
public final class HpackException extends IOException {
    @Serial
    private static final long serialVersionUID = 1L;

    HpackException(String message) {
        super(message);
    }
}
