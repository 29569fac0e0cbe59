package io.podslice.shim.tap;

import io.podslice.shim.http2.Field;
import io.podslice.shim.http2.Frames;
import io.podslice.shim.http2.HpackDecoder;
import io.podslice.shim.http2.HpackException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The header blocks of one direction: follows those of the sender, and makes those of our own, which leave the
 * receiver's header table as it is as long as the sender's blocks pass. Guarded by the connection's lock.
 */
final class HeaderBlocks {
    /** As large a header list as grpc-go accepts. */
    private static final long MAX_HEADER_LIST_BYTES = 16 << 20;

    private static final int DEFAULT_TABLE_BYTES = 4096;

    private final HpackDecoder decoder = new HpackDecoder(MAX_HEADER_LIST_BYTES);
    private boolean translated;
    private int tableLimit = DEFAULT_TABLE_BYTES;

    /** The smallest limit since the sender's last block: its next one has to begin by going down to it. */
    private int leastTableLimit = DEFAULT_TABLE_BYTES;

    /** The size of its header table as the receiver knows it from the blocks that it gets. */
    private long receiversTable = DEFAULT_TABLE_BYTES;

    /** The receiver has said in a SETTINGS frame, not acknowledged yet, how large its header table may be. */
    void allowTable(long bytes) {
        decoder.allowTable(bytes);
    }

    /**
     * The sender has acknowledged limits of the header table.
     *
     * @param least the smallest in the SETTINGS frame, in bytes
     * @param last the one that holds from now on, in bytes
     */
    void limitTable(int least, int last) {
        leastTableLimit = Math.min(leastTableLimit, least);
        tableLimit = last;
    }

    /** Decodes the sender's next block; fields that nobody wants are not kept. */
    void decode(Unit unit, boolean wanted) throws HpackException {
        unit.decode(decoder, wanted);
    }

    /** The sender's block that was decoded last goes on as it is, in its turn. */
    void passed() {
        receiversTable = decoder.tableBytes();
        leastTableLimit = tableLimit;
    }

    /**
     * Whether blocks are encoded anew, as literals, since the receiver's header table is no longer the sender's: a
     * block that changed it was delayed or dropped.
     */
    boolean translated() {
        return translated;
    }

    /** A block of the sender does not reach the receiver as it is and in its turn. */
    void divert(Unit unit) {
        translated |= unit.changedTable;
    }

    /**
     * Frames of a block that neither needs nor changes the receiver's header table, but where the protocol wants the
     * next block to make it smaller (RFC 7541, 4.2). A table that the sender's blocks do not fill any more is given up.
     */
    ByteBuffer frames(int stream, List<Field> fields, boolean end, byte[] priority) {
        int table = translated ? 0 : leastTableLimit;
        int update = Frames.NO_TABLE_UPDATE;
        if (table < receiversTable) {
            receiversTable = table;
            update = table;
        }
        return Frames.headers(stream, fields, end, priority, update);
    }
}
