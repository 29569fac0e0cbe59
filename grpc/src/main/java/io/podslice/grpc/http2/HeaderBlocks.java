package io.podslice.grpc.http2;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * The header blocks of one direction of a connection, as a relay sees them: follows those of the sender, and makes
 * blocks that leave the receiver's header table as it is for as long as the sender's blocks pass unchanged. Not safe
 * for use by several threads.
 */
public final class HeaderBlocks {
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

    /**
     * Allows the sender a header table of this size: the receiver has said so in a SETTINGS frame that is not
     * acknowledged yet.
     */
    public void allowTable(long bytes) {
        decoder.allowTable(bytes);
    }

    /**
     * Sets the limits of the header table that the sender has acknowledged.
     *
     * @param least the smallest in the SETTINGS frame, in bytes
     * @param last the one that holds from now on, in bytes
     */
    public void limitTable(int least, int last) {
        leastTableLimit = Math.min(leastTableLimit, least);
        tableLimit = last;
    }

    /**
     * Decodes the sender's next block into the view of its frame.
     *
     * @param wanted whether the fields are kept; if not, only the header table is followed
     * @return false if the block is not valid: nothing that follows on the connection can be decoded
     */
    public boolean decode(FrameView frame, boolean wanted) {
        try {
            frame.decode(decoder, wanted);
            return true;
        } catch (HpackException e) {
            return false;
        }
    }

    /** Notes that the sender's block that was decoded last goes on as it is, in its turn. */
    public void passed() {
        receiversTable = decoder.tableBytes();
        leastTableLimit = tableLimit;
    }

    /**
     * Tells whether blocks are encoded anew, as literals, since the receiver's header table is no longer the sender's:
     * a block that changed it was delayed or dropped.
     */
    public boolean translated() {
        return translated;
    }

    /** Notes that a block of the sender does not reach the receiver as it is and in its turn. */
    public void divert(FrameView frame) {
        translated |= frame.changedTable();
    }

    /**
     * Makes the frames of a block that neither needs nor changes the receiver's header table, but where the protocol
     * wants the next block to make it smaller (RFC 7541, 4.2). A table that the sender's blocks do not fill any more is
     * given up.
     *
     * @param priority the priority bytes of a HEADERS frame, or none
     */
    public ByteBuffer frames(int stream, List<Field> fields, boolean end, byte[] priority) {
        int table = translated ? 0 : leastTableLimit;
        int update = Frames.NO_TABLE_UPDATE;
        if (table < receiversTable) {
            receiversTable = table;
            update = table;
        }
        return Frames.headers(stream, fields, end, priority, update);
    }
}
