package io.podslice.cluster.apiserver;

import io.podslice.cluster.wire.Fields;
import io.podslice.managers.pod.Printable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Protobuf. An object is in an envelope: four bytes, then a message that names its kind (runtime.Unknown). Each event of a
 * watch has its length before it, in 4 bytes, big-endian.
 */
final class ProtobufWire implements Wire {
    static final byte[] MAGIC = {'k', '8', 's', 0};

    private static final int RAW = 2 << Fields.TYPE | Fields.BYTES;
    private static final int ENCODING = 3 << Fields.TYPE | Fields.BYTES;

    private static final int TYPE = 1 << Fields.TYPE | Fields.BYTES;
    private static final int OBJECT = 2 << Fields.TYPE | Fields.BYTES;
    private static final int OBJECT_RAW = 1 << Fields.TYPE | Fields.BYTES;

    private static final int METADATA = 1 << Fields.TYPE | Fields.BYTES;
    private static final int VERSION = 6 << Fields.TYPE | Fields.BYTES;
    private static final int ANNOTATIONS = 12 << Fields.TYPE | Fields.BYTES;
    private static final int KEY = 1 << Fields.TYPE | Fields.BYTES;

    private static final int LONGEST = 64;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final byte[] INITIAL_END = INITIAL_EVENTS_END.getBytes(StandardCharsets.US_ASCII);

    @Override
    public ByteBuffer pod(byte[] bytes) throws IOException {
        return opened(ByteBuffer.wrap(bytes));
    }

    @Override
    public PodPage pods(byte[] bytes) throws IOException {
        return PodPage.read(opened(ByteBuffer.wrap(bytes)));
    }

    @Override
    public Status status(byte[] bytes) throws IOException {
        return Status.read(opened(ByteBuffer.wrap(bytes)));
    }

    /** Takes an object out of its envelope. */
    private static ByteBuffer opened(ByteBuffer bytes) throws IOException {
        if (bytes.remaining() < MAGIC.length || !bytes.slice(0, MAGIC.length).equals(ByteBuffer.wrap(MAGIC))) {
            throw new IOException("the API server sends an object without its envelope");
        }
        ByteBuffer raw = NOTHING;
        Fields envelope = Fields.of(bytes.slice(MAGIC.length, bytes.remaining() - MAGIC.length));
        while (envelope.next()) {
            if (envelope.tag() == RAW) {
                raw = envelope.content();
            } else if (envelope.tag() == ENCODING && envelope.length() > 0) {
                throw new IOException("the API server sends an object in the encoding \""
                        + Printable.of(envelope.text("contentEncoding", LONGEST)) + "\"");
            }
        }
        return raw;
    }

    @Override
    public ListEnd list(Body body, ListItems items, Deadline deadline) throws IOException {
        return new ProtobufList(body, items, deadline).read();
    }

    @Override
    public Optional<PodEvent> next(Body body, Deadline deadline) throws IOException {
        byte[] prefix = body.read(Integer.BYTES, deadline);
        if (prefix.length == 0) {
            return Optional.empty();
        }
        if (prefix.length < Integer.BYTES) {
            throw new IOException("the watch ends within an event");
        }
        int length = ByteBuffer.wrap(prefix).getInt();
        if (length < 0 || length > MOST_POD_BYTES) {
            throw new IOException("the API server announces an event of " + Integer.toUnsignedLong(length)
                    + " bytes; it may have " + MOST_POD_BYTES);
        }
        byte[] frame = body.read(length, deadline);
        if (frame.length < length) {
            throw new IOException("the watch ends within an event");
        }
        return Optional.of(event(ByteBuffer.wrap(frame)));
    }

    private static PodEvent event(ByteBuffer frame) throws IOException {
        String type = "";
        ByteBuffer object = NOTHING;
        Fields event = Fields.of(frame);
        while (event.next()) {
            if (event.tag() == TYPE) {
                type = event.text("type", LONGEST);
            } else if (event.tag() == OBJECT) {
                Fields raw = event.message();
                while (raw.next()) {
                    if (raw.tag() == OBJECT_RAW) {
                        object = raw.content();
                    }
                }
            }
        }
        return switch (type) {
            case "ADDED", "MODIFIED" -> new PodEvent.Changed(opened(object));
            case "DELETED" -> new PodEvent.Deleted(opened(object));
            case "BOOKMARK" -> bookmark(opened(object));
            case "ERROR" -> new PodEvent.Failed(Status.read(opened(object)));
            default -> throw new IOException("the API server sends an event of type \"" + Printable.of(type) + "\"");
        };
    }

    /** A bookmark's object has nothing but a resource version and, once, an annotation. */
    private static PodEvent bookmark(ByteBuffer object) throws IOException {
        String version = "";
        boolean endsInitial = false;
        Fields pod = Fields.of(object);
        while (pod.next()) {
            if (pod.tag() == METADATA) {
                Fields metadata = pod.message();
                while (metadata.next()) {
                    if (metadata.tag() == VERSION) {
                        version = metadata.text("metadata.resourceVersion", LONGEST);
                    } else if (metadata.tag() == ANNOTATIONS) {
                        endsInitial |= hasKey(metadata.message(), INITIAL_END);
                    }
                }
            }
        }
        return new PodEvent.Bookmark(version, endsInitial);
    }

    private static boolean hasKey(Fields entry, byte[] key) throws IOException {
        while (entry.next()) {
            if (entry.tag() == KEY && entry.is(key)) {
                return true;
            }
        }
        return false;
    }
}
