package io.podslice.agent.kubelet;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The change of one file. Texts are ISO 8859-1, which keeps every byte as it is.
 *
 * @param path on the node
 * @param before the file's text; empty if there was no such file
 * @param after its text afterwards
 */
record FileEdit(String path, Optional<String> before, String after) {

    static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
