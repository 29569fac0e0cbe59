package io.podslice.grpc.http2;

import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Follows the header table of one direction of a connection, and reads the fields of its header blocks. Every block
 * of the direction must go through it, in order. Not safe for use by several threads.
 *
 * <p>Beside the fields it tells whether a block changed the table: one that did not can be delayed or left out
 * without the two ends' tables coming apart.
 */
public final class HpackDecoder {
    /** Bytes that the table may hold until a SETTINGS frame says otherwise. */
    private static final int DEFAULT_TABLE_BYTES = 4096;

    private final HeaderTable table = new HeaderTable(DEFAULT_TABLE_BYTES);
    private final Huffman huffman = new Huffman();
    private final long maxListBytes;
    private long maxTableBytes = DEFAULT_TABLE_BYTES;
    private boolean changedTable;
    private boolean resizedTable;
    private int at;

    /**
     * Makes a decoder for a direction in which nothing has been sent.
     *
     * @param maxListBytes largest size of one block's fields, counted as SETTINGS_MAX_HEADER_LIST_SIZE counts
     */
    public HpackDecoder(long maxListBytes) {
        this.maxListBytes = maxListBytes;
    }

    /**
     * Allows the sender of the blocks a table of this size, as their receiver does. A lower limit than an earlier one
     * is not enforced: the sender says itself, in a block, when it makes the table smaller.
     *
     * @param bytes SETTINGS_HEADER_TABLE_SIZE
     */
    public void allowTable(long bytes) {
        maxTableBytes = Math.max(maxTableBytes, bytes);
    }

    /** Returns the size of the table as its sender has last said it, in bytes. */
    public long tableBytes() {
        return table.capacity();
    }

    /** Tells whether the block decoded last added to the header table or changed its size. */
    public boolean changedTable() {
        return changedTable;
    }

    /** Tells whether the block decoded last changed the header table's size. */
    public boolean resizedTable() {
        return resizedTable;
    }

    /**
     * Decodes one whole block.
     *
     * @param from absolute index of its first byte
     * @param to absolute index after its last byte
     * @param fields gets the fields; null: only the table is followed
     * @throws HpackException if the block is not valid, or its fields are too large
     */
    public void decode(ByteBuffer block, int from, int to, @Nullable List<Field> fields) throws HpackException {
        changedTable = false;
        resizedTable = false;
        at = from;
        long listBytes = 0;
        while (at < to) {
            int first = block.get(at);
            Field field;
            if (first < 0) {
                field = table.get(integer(block, to, 7));
            } else if (first >= 0x40) {
                field = literal(block, to, 6, false);
                table.add(field);
                changedTable = true;
            } else if (first >= 0x20) {
                resize(integer(block, to, 5));
                continue;
            } else if (fields == null) {
                skipLiteral(block, to);
                continue;
            } else {
                field = literal(block, to, 4, first >= 0x10);
            }
            if (fields != null) {
                listBytes += field.tableSize();
                if (listBytes > maxListBytes) {
                    throw new HpackException("header list above " + maxListBytes + " bytes");
                }
                fields.add(field);
            }
        }
    }

    private void resize(int bytes) throws HpackException {
        if (bytes > maxTableBytes) {
            throw new HpackException("header table of " + bytes + " bytes, allowed are " + maxTableBytes);
        }
        table.capacity(bytes);
        changedTable = true;
        resizedTable = true;
    }

    private Field literal(ByteBuffer block, int to, int prefix, boolean sensitive) throws HpackException {
        int index = integer(block, to, prefix);
        byte[] name = index == 0 ? string(block, to) : table.get(index).nameBytes();
        return Field.of(name, string(block, to), sensitive);
    }

    private void skipLiteral(ByteBuffer block, int to) throws HpackException {
        int index = integer(block, to, 4);
        if (index == 0) {
            at = stringEnd(block, to);
        } else {
            table.get(index);
        }
        at = stringEnd(block, to);
    }

    private byte[] string(ByteBuffer block, int to) throws HpackException {
        boolean coded = at < to && block.get(at) < 0;
        int end = stringEnd(block, to);
        int from = at;
        at = end;
        if (coded) {
            return huffman.decode(block, from, end);
        }
        byte[] text = new byte[end - from];
        block.get(from, text);
        return text;
    }

    /** Moves to the string's first byte, and returns where it ends. */
    private int stringEnd(ByteBuffer block, int to) throws HpackException {
        int length = integer(block, to, 7);
        if (length > to - at) {
            throw new HpackException("string of " + length + " bytes where " + (to - at) + " are left");
        }
        return at + length;
    }

    /** Reads an integer whose first byte has this many bits for it (RFC 7541, 5.1). */
    private int integer(ByteBuffer block, int to, int prefix) throws HpackException {
        if (at >= to) {
            throw new HpackException("header block ends within a field");
        }
        int most = (1 << prefix) - 1;
        int value = block.get(at++) & most;
        if (value < most) {
            return value;
        }
        long sum = value;
        for (int shift = 0; shift <= 28; shift += 7) {
            if (at >= to) {
                throw new HpackException("header block ends within an integer");
            }
            int next = block.get(at++);
            sum += (long) (next & 0x7f) << shift;
            if (next >= 0) {
                if (sum > Integer.MAX_VALUE) {
                    break;
                }
                return (int) sum;
            }
        }
        throw new HpackException("integer above " + Integer.MAX_VALUE);
    }
}
