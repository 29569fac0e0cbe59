package io.podslice.cluster.apiserver;

import io.podslice.cluster.document.DocumentNode;
import io.podslice.cluster.wire.Fields;
import java.io.IOException;

/**
 * The metadata of a page of a list.
 *
 * @param version the resource version of the whole list
 * @param next the token for the next page; empty in the last one
 * @param shard the selector by which the server has chosen the objects; empty where it has not
 */
record ListEnd(String version, String next, String shard) {
    static final ListEnd NONE = new ListEnd("", "", "");

    private static final int VERSION = 2 << Fields.TYPE | Fields.BYTES;
    private static final int CONTINUE = 3 << Fields.TYPE | Fields.BYTES;
    private static final int SHARD_INFO = 5 << Fields.TYPE | Fields.BYTES;
    private static final int SELECTOR = 1 << Fields.TYPE | Fields.BYTES;

    /** The longest metadata in bytes: a token of some hundred, and a selector. */
    static final int MOST_BYTES = 64 << 10;

    /** @throws IOException if it is not an encoded ListMeta */
    static ListEnd read(Fields metadata) throws IOException {
        String version = "";
        String next = "";
        String shard = "";
        while (metadata.next()) {
            switch (metadata.tag()) {
                case VERSION -> version = metadata.text("metadata.resourceVersion", MOST_BYTES);
                case CONTINUE -> next = metadata.text("metadata.continue", MOST_BYTES);
                case SHARD_INFO -> {
                    Fields info = metadata.message();
                    while (info.next()) {
                        if (info.tag() == SELECTOR) {
                            shard = info.text("metadata.shardInfo.selector", MOST_BYTES);
                        }
                    }
                }
                default -> {
                    // The number of items that remain is not used.
                }
            }
        }
        return new ListEnd(version, next, shard);
    }

    static ListEnd of(DocumentNode metadata) {
        return new ListEnd(
                metadata.get("resourceVersion").text(),
                metadata.get("continue").text(),
                metadata.get("shardInfo").get("selector").text());
    }
}
