package io.podslice.integration.fuzz;

import io.podslice.grpc.Header;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Joins a HEADERS frame and the CONTINUATION frames behind it, between which nothing may come, and decodes the block. */
final class BlockReader {

    private final HpackReader hpack = new HpackReader();
    private final ByteArrayOutputStream block = new ByteArrayOutputStream();
    private int stream;
    private boolean ends;

    /** Sets this end's own SETTINGS_HEADER_TABLE_SIZE, once the peer has acknowledged it. */
    void limitTable(long bytes) {
        hpack.limit(bytes);
    }

    /**
     * Takes a frame of any type.
     *
     * @return the block, if it ends with this frame
     */
    Peer.@Nullable Block take(Frame frame) {
        if (stream != 0 && (frame.type() != Frame.CONTINUATION || frame.stream() != stream)) {
            throw new Violation(frame + " inside the header block of stream " + stream);
        }
        if (frame.type() == Frame.HEADERS) {
            stream = frame.stream();
            ends = frame.has(Frame.END_STREAM);
            block.reset();
        } else if (frame.type() != Frame.CONTINUATION) {
            return null;
        } else if (stream == 0) {
            throw new Violation(frame + " outside of a header block");
        }
        ByteBuffer content = frame.content();
        block.write(content.array(), content.arrayOffset() + content.position(), content.remaining());
        if (!frame.has(Frame.END_HEADERS)) {
            return null;
        }
        int id = stream;
        stream = 0;
        List<Header> fields = hpack.decode(id, block.toByteArray());
        return new Peer.Block(id, fields, ends);
    }
}
