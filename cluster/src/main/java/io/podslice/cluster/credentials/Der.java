package io.podslice.cluster.credentials;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;

/** Reads and writes the little of ASN.1 DER (X.690) that stands around private keys. */
final class Der {
    static final int INTEGER = 0x02;
    static final int OCTET_STRING = 0x04;
    static final int NULL = 0x05;
    static final int OBJECT_IDENTIFIER = 0x06;
    static final int SEQUENCE = 0x30;

    private final int tag;
    private final byte[] content;

    /**
     * @param tag the identifier's byte
     * @param content the bytes after the length
     */
    Der(int tag, byte[] content) {
        this.tag = tag;
        this.content = content;
    }

    /** Returns the identifier's byte. */
    int tag() {
        return tag;
    }

    /** Returns the bytes after the length. */
    byte[] content() {
        return content;
    }

    /** Reads the values of a sequence's content, one after the other. */
    static final class Reader {
        private final byte[] bytes;
        private int position;

        Reader(byte[] bytes) {
            this.bytes = bytes;
        }

        boolean hasMore() {
            return position < bytes.length;
        }

        /** @throws IOException if what follows is not a whole value */
        Der next() throws IOException {
            int tag = octet();
            int length = octet();
            if (length > 0x7f) {
                int octets = length & 0x7f;
                if (octets == 0 || octets > 3) {
                    throw new IOException("has a DER length of " + octets + " bytes");
                }
                length = 0;
                for (int i = 0; i < octets; i++) {
                    length = length << 8 | octet();
                }
            }
            if (length > bytes.length - position) {
                throw new IOException("ends within a DER value");
            }
            position += length;
            return new Der(tag, Arrays.copyOfRange(bytes, position - length, position));
        }

        /** @throws IOException if what follows is not a value of that tag */
        Der next(int tag) throws IOException {
            Der value = next();
            if (value.tag() != tag) {
                throw new IOException("has the DER tag " + value.tag() + " in place of " + tag);
            }
            return value;
        }

        private int octet() throws IOException {
            if (!hasMore()) {
                throw new IOException("ends within a DER value");
            }
            return bytes[position++] & 0xff;
        }
    }

    /** Makes a value of the encodings of others, one after the other. */
    static Der of(int tag, Der... values) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (Der value : values) {
            content.writeBytes(value.encoded());
        }
        return new Der(tag, content.toByteArray());
    }

    /** Returns the value with its tag and length. */
    byte[] encoded() {
        ByteArrayOutputStream out = new ByteArrayOutputStream(content.length + 5);
        out.write(tag);
        if (content.length < 0x80) {
            out.write(content.length);
        } else {
            int octets = (39 - Integer.numberOfLeadingZeros(content.length)) / 8;
            out.write(0x80 | octets);
            for (int shift = 8 * (octets - 1); shift >= 0; shift -= 8) {
                out.write(content.length >> shift);
            }
        }
        out.writeBytes(content);
        return out.toByteArray();
    }
}
