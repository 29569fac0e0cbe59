package io.podslice.shim;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * Puts another sub-message in place of one deep within an encoded message. Every other byte stays what and where it
 * was: what is not in our contract, the order of fields and of map entries, even bytes that a parser would not keep. Of a
 * large message there is never more than the original and the result.
 */
final class Splice {
    /** The result in order: ranges of the original, and what is new. */
    private final List<ByteBuffer> pieces = new ArrayList<>();

    private int length;

    private Splice() {}

    /**
     * Replaces a sub-message.
     *
     * @param message an encoded message; not changed
     * @param replacement what takes the place; where there are several occurrences, which protobuf would merge, it
     *     takes the place of the first, and the others become empty
     * @param path field numbers from the message down to the sub-message; what does not exist is added
     * @return a message of its own
     * @throws IOException if the message is not encoded protobuf
     */
    static ByteBuffer replace(ByteBuffer message, ByteString replacement, int... path) throws IOException {
        Splice spliced = replace(message.slice(), replacement, path, 0);
        ByteBuffer whole = ByteBuffer.allocate(spliced.length);
        spliced.pieces.forEach(whole::put);
        return whole.flip();
    }

    private static Splice replace(ByteBuffer message, ByteString replacement, int[] path, int depth)
            throws IOException {
        int wanted = WireFormat.WIRETYPE_LENGTH_DELIMITED | path[depth] << 3;
        Splice out = new Splice();
        boolean replaced = false;
        int kept = 0;
        FieldWalk walk = new FieldWalk(message);
        while (walk.next()) {
            if (walk.tag() == wanted) {
                out.add(message.slice(kept, walk.from() - kept));
                kept = walk.to();
                // An occurrence that is not the first adds nothing: merging an empty message changes nothing.
                ByteString now = replaced ? ByteString.EMPTY : replacement;
                out.addField(path, depth, walk.content(), now);
                replaced = true;
            }
        }
        out.add(message.slice(kept, message.limit() - kept));
        if (!replaced && !replacement.isEmpty()) {
            out.addField(path, depth, ByteBuffer.allocate(0), replacement);
        }
        return out;
    }

    private void add(ByteBuffer piece) {
        pieces.add(piece);
        length += piece.remaining();
    }

    /** Adds the field of the path at this depth, with what was in it and the replacement in its place. */
    private void addField(int[] path, int depth, ByteBuffer before, ByteString replacement) throws IOException {
        Splice inner = new Splice();
        if (depth + 1 == path.length) {
            inner.add(replacement.asReadOnlyByteBuffer());
        } else {
            inner = replace(before, replacement, path, depth + 1);
        }
        byte[] head = new byte
                [CodedOutputStream.computeTagSize(path[depth])
                        + CodedOutputStream.computeUInt32SizeNoTag(inner.length)];
        CodedOutputStream out = CodedOutputStream.newInstance(head);
        out.writeTag(path[depth], WireFormat.WIRETYPE_LENGTH_DELIMITED);
        out.writeUInt32NoTag(inner.length);
        add(ByteBuffer.wrap(head));
        inner.pieces.forEach(this::add);
    }
}
