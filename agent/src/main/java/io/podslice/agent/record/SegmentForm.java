package io.podslice.agent.record;

import io.podslice.proto.v1.Entry;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/** The form of a segment's file, as recording.proto describes it. Pure. */
public final class SegmentForm {
    /** The version of this form. */
    public static final int VERSION = 1;

    /** The bytes before the first entry. */
    public static final int HEADER_BYTES = 9;

    /** The bytes before each entry: its length and its checksum. */
    public static final int FRAME_BYTES = 8;

    /** The most bytes of an entry. */
    public static final int MOST_ENTRY_BYTES = 1 << 20;

    private static final String MAGIC = "podslice";
    private static final Pattern NAME = Pattern.compile("recording-(\\d{10,18})\\.podslice");

    private SegmentForm() {}

    /** Returns the bytes with which a segment begins. */
    public static byte[] header() {
        return ByteBuffer.allocate(HEADER_BYTES)
                .put(MAGIC.getBytes(StandardCharsets.US_ASCII))
                .put((byte) VERSION)
                .array();
    }

    /**
     * Returns an entry with its length and its checksum before it.
     *
     * @throws IllegalArgumentException if it has more than {@value #MOST_ENTRY_BYTES} bytes, or none
     */
    static byte[] frame(Entry entry) {
        byte[] bytes = entry.toByteArray();
        if (bytes.length == 0 || bytes.length > MOST_ENTRY_BYTES) {
            throw new IllegalArgumentException("an entry has " + bytes.length + " bytes");
        }
        return ByteBuffer.allocate(FRAME_BYTES + bytes.length)
                .putInt(bytes.length)
                .putInt(checksum(bytes))
                .put(bytes)
                .array();
    }

    /** Returns the checksum of an entry and its length. */
    public static int checksum(byte[] entry) {
        CRC32C sum = new CRC32C();
        sum.update(ByteBuffer.allocate(Integer.BYTES).putInt(entry.length).flip());
        sum.update(entry);
        return (int) sum.getValue();
    }

    /** Returns the name of the segment with that number. */
    static String name(long number) {
        return String.format(Locale.ROOT, "recording-%010d.podslice", number);
    }

    /** Returns the number of the segment with that name; empty if it is no segment's. */
    public static OptionalLong number(String name) {
        Matcher matcher = NAME.matcher(name);
        return matcher.matches() ? OptionalLong.of(Long.parseLong(matcher.group(1))) : OptionalLong.empty();
    }
}
