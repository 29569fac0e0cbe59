package io.podslice.shim;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Puts another sub-message in place of one deep within an encoded message. Every other byte stays what and where it
 * was: what is not in our contract, the order of fields and of map entries, even bytes that a parser would not keep.
 */
final class Splice {
    private Splice() {}

    /**
     * Replaces a sub-message.
     *
     * @param message an encoded message; not changed
     * @param replacement what takes the place; where there are several occurrences, which protobuf would merge, it
     *     takes the place of the first, and the others become empty
     * @param path field numbers from the message down to the sub-message; what does not exist is added
     * @throws IOException if the message is not encoded protobuf
     */
    static ByteBuffer replace(ByteBuffer message, ByteString replacement, int... path) throws IOException {
        ByteString spliced = replace(ByteString.copyFrom(message.duplicate()), replacement, path, 0);
        return spliced.asReadOnlyByteBuffer();
    }

    private static ByteString replace(ByteString message, ByteString replacement, int[] path, int depth)
            throws IOException {
        int wanted = (path[depth] << 3) | WireFormat.WIRETYPE_LENGTH_DELIMITED;
        CodedInputStream in = message.newCodedInput();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(message.size() + replacement.size());
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        boolean leaf = depth + 1 == path.length;
        boolean replaced = false;
        int from = in.getTotalBytesRead();
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag != wanted) {
                in.skipField(tag);
                out.writeRawBytes(message.substring(from, in.getTotalBytesRead()));
            } else {
                ByteString inner = in.readBytes();
                // An occurrence that is not the first adds nothing: merging an empty message changes nothing.
                ByteString now = replaced ? ByteString.EMPTY : replacement;
                out.writeBytes(path[depth], leaf ? now : replace(inner, now, path, depth + 1));
                replaced = true;
            }
            from = in.getTotalBytesRead();
        }
        if (!replaced && !replacement.isEmpty()) {
            ByteString added = leaf ? replacement : replace(ByteString.EMPTY, replacement, path, depth + 1);
            out.writeBytes(path[depth], added);
        }
        out.flush();
        return ByteString.copyFrom(bytes.toByteArray());
    }
}
