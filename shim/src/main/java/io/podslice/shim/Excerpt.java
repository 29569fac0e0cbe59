package io.podslice.shim;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import io.podslice.shim.HeldMethod.Parser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Supplier;

/**
 * The part of a large request that podslice reads: parsed whole, a request of 15 MB would take several times as much memory.
 * Left out are fields that the contract does not know, and long labels and annotations of others. Small requests stay as
 * they are.
 */
final class Excerpt {
    /** Requests up to this many bytes are parsed whole. */
    private static final int LARGEST_WHOLE = 256 << 10;

    /** A label or annotation of others that is longer than this, in bytes with its key, is left out. */
    private static final int LONGEST_ENTRY = 4 << 10;

    /** The beginning of every annotation of podslice's; no ByteString, whose class looks into every jar when it is loaded. */
    private static final byte[] OWN = "podslice.io/".getBytes(UTF_8);

    private static final int KEY = 1;

    private Excerpt() {}

    /**
     * Makes a parser read the excerpt of a large request.
     *
     * @param type asked for with the first large request: protobuf's classes are not loaded before a client needs them
     */
    static <M> Parser<M> parser(Supplier<Descriptor> type, Parser<M> whole) {
        return message -> whole.parse(message.remaining() <= LARGEST_WHOLE ? message : of(type.get(), message));
    }

    private static ByteBuffer of(Descriptor type, ByteBuffer message) throws InvalidProtocolBufferException {
        try {
            return excerpt(type, message.slice()).asReadOnlyByteBuffer();
        } catch (IOException e) {
            throw new InvalidProtocolBufferException(e);
        }
    }

    private static ByteString excerpt(Descriptor type, ByteBuffer message) throws IOException {
        ByteString.Output bytes = ByteString.newOutput();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        FieldWalk walk = new FieldWalk(message);
        while (walk.next()) {
            FieldDescriptor field = type.findFieldByNumber(WireFormat.getTagFieldNumber(walk.tag()));
            boolean delimited = WireFormat.getTagWireType(walk.tag()) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
            if (field == null || (delimited && field.isMapField() && isOthers(walk.content()))) {
                continue;
            }
            if (delimited && field.getJavaType() == JavaType.MESSAGE && !field.isMapField()) {
                out.writeBytes(field.getNumber(), excerpt(field.getMessageType(), walk.content()));
            } else {
                out.writeRawBytes(walk.field());
            }
        }
        out.flush();
        return bytes.toByteString();
    }

    /** Tells whether an entry of a map is long, and none of podslice's. */
    private static boolean isOthers(ByteBuffer entry) throws IOException {
        if (entry.remaining() <= LONGEST_ENTRY) {
            return false;
        }
        FieldWalk walk = new FieldWalk(entry);
        while (walk.next()) {
            if (walk.tag() == (KEY << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED) && isOwn(walk.content())) {
                return false;
            }
        }
        return true;
    }

    private static boolean isOwn(ByteBuffer key) {
        return key.remaining() >= OWN.length && key.slice(0, OWN.length).equals(ByteBuffer.wrap(OWN));
    }
}
