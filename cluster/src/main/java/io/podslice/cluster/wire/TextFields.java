package io.podslice.cluster.wire;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Encodes messages whose fields are texts, numbered 1, 2 and so on: requests to the kubelet. */
public final class TextFields {
    private static final int MOST_FIELDS = 15;

    private TextFields() {}

    /** Returns the encoded message. An empty text is left out, as protobuf does. */
    public static ByteBuffer encoded(String... texts) {
        if (texts.length > MOST_FIELDS) {
            throw new IllegalArgumentException(texts.length + " fields, above " + MOST_FIELDS);
        }
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        for (int i = 0; i < texts.length; i++) {
            byte[] text = texts[i].getBytes(StandardCharsets.UTF_8);
            if (text.length > 0) {
                message.write((i + 1) << Fields.TYPE | Fields.BYTES);
                writeVarint(message, text.length);
                message.writeBytes(text);
            }
        }
        return ByteBuffer.wrap(message.toByteArray());
    }

    private static void writeVarint(ByteArrayOutputStream message, int value) {
        int rest = value;
        while (rest > 0x7f) {
            message.write((rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        message.write(rest);
    }
}
