package io.podslice.cluster.document;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Encodes one protobuf message, field by field. As in protobuf, an empty text and a zero are left out. */
final class MessageWriter {
    private static final int NUMBER = 0;
    private static final int BYTES = 2;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    MessageWriter text(int field, String text) {
        if (!text.isEmpty()) {
            bytes(field, text.getBytes(StandardCharsets.UTF_8));
        }
        return this;
    }

    MessageWriter number(int field, long number) {
        if (number != 0) {
            varint((long) field << 3 | NUMBER);
            varint(number);
        }
        return this;
    }

    /** Writes a message within this one, an empty one too. */
    MessageWriter message(int field, MessageWriter message) {
        return bytes(field, message.out.toByteArray());
    }

    /** Writes a map of texts: a message for each entry, with the key as field 1 and the value as field 2. */
    MessageWriter texts(int field, Map<String, DocumentNode> texts) {
        texts.forEach(
                (key, value) -> message(field, new MessageWriter().text(1, key).text(2, value.text())));
        return this;
    }

    /** Writes a map of quantities: a quantity is a message whose field 1 is its text. */
    MessageWriter quantities(int field, Map<String, DocumentNode> amounts) {
        amounts.forEach((name, amount) -> message(
                field, new MessageWriter().text(1, name).message(2, new MessageWriter().text(1, amount.text()))));
        return this;
    }

    ByteBuffer encoded() {
        return ByteBuffer.wrap(out.toByteArray());
    }

    private MessageWriter bytes(int field, byte[] bytes) {
        varint((long) field << 3 | BYTES);
        varint(bytes.length);
        out.writeBytes(bytes);
        return this;
    }

    private void varint(long value) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            out.write((int) ((rest & 0x7f) | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }
}
