package io.podslice.cluster.apiserver;

import io.podslice.cluster.document.DocumentNode;
import io.podslice.cluster.document.PodDocument;
import io.podslice.cluster.wire.Fields;
import io.podslice.managers.pod.Printable;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The API server's word on a failure, {@code k8s.io.apimachinery.pkg.apis.meta.v1.Status}.
 *
 * @param code as HTTP's
 * @param message for people; printable
 */
record Status(int code, String message) {
    private static final int MESSAGE = 3 << Fields.TYPE | Fields.BYTES;
    private static final int CODE = 6 << Fields.TYPE | Fields.NUMBER;

    private static final int LONGEST = 200;
    private static final int MOST_BYTES = 64 << 10;

    Status {
        message = Printable.of(message, LONGEST);
    }

    /** @throws IOException if it is not encoded protobuf */
    static Status read(ByteBuffer encoded) throws IOException {
        int code = 0;
        String message = "";
        Fields fields = Fields.of(encoded);
        while (fields.next()) {
            switch (fields.tag()) {
                case CODE -> code = (int) fields.number();
                case MESSAGE -> message = fields.text("message", MOST_BYTES);
                default -> {
                    // Reason and details say it again, for programs.
                }
            }
        }
        return new Status(code, message);
    }

    /** @throws IOException if its code is no number */
    static Status read(DocumentNode status) throws IOException {
        return new Status(
                (int) PodDocument.number(status, "code"), status.get("message").text());
    }
}
