package io.podslice.cluster.apiserver;

import io.podslice.cluster.document.DocumentNode;
import io.podslice.cluster.document.PodDocument;
import io.podslice.cluster.wire.Fields;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A page of a list of pods.
 *
 * @param version the resource version of the whole list
 * @param next the token for the next page; empty in the last one
 * @param pods each encoded
 */
record PodPage(String version, String next, List<ByteBuffer> pods) {
    private static final int METADATA = 1 << Fields.TYPE | Fields.BYTES;
    private static final int ITEMS = 2 << Fields.TYPE | Fields.BYTES;
    private static final int VERSION = 2 << Fields.TYPE | Fields.BYTES;
    private static final int CONTINUE = 3 << Fields.TYPE | Fields.BYTES;

    /** The longest token in bytes; upstream's has some hundred. */
    private static final int MOST_TOKEN = 8 << 10;

    PodPage {
        pods = List.copyOf(pods);
    }

    /** @throws IOException if it is not encoded protobuf */
    static PodPage read(ByteBuffer encoded) throws IOException {
        String version = "";
        String next = "";
        List<ByteBuffer> pods = new ArrayList<>();
        Fields list = Fields.of(encoded);
        while (list.next()) {
            if (list.tag() == ITEMS) {
                pods.add(list.content());
            } else if (list.tag() == METADATA) {
                Fields metadata = list.message();
                while (metadata.next()) {
                    if (metadata.tag() == VERSION) {
                        version = metadata.text("metadata.resourceVersion", MOST_TOKEN);
                    } else if (metadata.tag() == CONTINUE) {
                        next = metadata.text("metadata.continue", MOST_TOKEN);
                    }
                }
            }
        }
        return new PodPage(version, next, pods);
    }

    /** @throws IOException if a pod in it cannot be read */
    static PodPage read(DocumentNode list) throws IOException {
        List<ByteBuffer> pods = new ArrayList<>();
        for (DocumentNode item : list.get("items").items()) {
            pods.add(PodDocument.encoded(item));
        }
        DocumentNode metadata = list.get("metadata");
        return new PodPage(
                metadata.get("resourceVersion").text(), metadata.get("continue").text(), pods);
    }
}
