package io.podslice.agent.replay;

import com.google.protobuf.InvalidProtocolBufferException;
import io.podslice.agent.record.SegmentForm;
import io.podslice.proto.v1.Entry;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads one segment's entries up to its end or to the first flaw; holds one entry at a time. For one thread. */
final class SegmentReader implements AutoCloseable {
    private static final int BUFFER_BYTES = 64 << 10;

    private final Path file;
    private final InputStream in;
    private long offset;
    private boolean ended;
    private @Nullable Flaw flaw;

    /** @throws IOException if it is no regular file, or cannot be read */
    SegmentReader(Path file) throws IOException {
        this.file = file;
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new IOException("is no regular file");
        }
        this.in = new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES);
    }

    /** The place of the next entry. */
    Place place() {
        return new Place(file, offset);
    }

    /** The flaw at which the reading has ended; empty if all was read. */
    Optional<Flaw> flaw() {
        return Optional.ofNullable(flaw);
    }

    /** Returns the next entry; empty at the end, and where nothing more can be read. */
    Optional<Entry> next() throws IOException {
        if (ended || (offset == 0 && !hasHeader())) {
            return Optional.empty();
        }
        byte[] frame = in.readNBytes(SegmentForm.FRAME_BYTES);
        if (frame.length < SegmentForm.FRAME_BYTES) {
            return frame.length == 0 ? end() : torn();
        }
        int length = ByteBuffer.wrap(frame).getInt();
        int checksum = ByteBuffer.wrap(frame).getInt(Integer.BYTES);
        if (length == 0 && checksum == 0 && isZeroToTheEnd()) {
            return torn();
        }
        if (length < 1 || length > SegmentForm.MOST_ENTRY_BYTES) {
            return damaged("an entry of " + Integer.toUnsignedString(length) + " bytes; one has 1 to "
                    + SegmentForm.MOST_ENTRY_BYTES);
        }
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            return torn();
        }
        if (SegmentForm.checksum(bytes) != checksum) {
            return in.read() < 0 ? torn() : damaged("the entry's checksum is wrong");
        }
        try {
            Entry entry = Entry.parseFrom(bytes);
            offset += SegmentForm.FRAME_BYTES + length;
            return Optional.of(entry);
        } catch (InvalidProtocolBufferException e) {
            return damaged("no entry of a recording: " + e.getMessage());
        }
    }

    private boolean hasHeader() throws IOException {
        byte[] wanted = SegmentForm.header();
        byte[] header = in.readNBytes(wanted.length);
        if (Arrays.equals(header, wanted)) {
            offset = wanted.length;
            return true;
        }
        int last = wanted.length - 1;
        if (header.length < wanted.length) {
            torn();
        } else if (Arrays.equals(header, 0, last, wanted, 0, last)) {
            damaged("a recording of version " + header[last] + "; this podslice reads version " + SegmentForm.VERSION);
        } else {
            damaged("no recording: it does not begin as one");
        }
        return false;
    }

    private boolean isZeroToTheEnd() throws IOException {
        int next = in.read();
        while (next == 0) {
            next = in.read();
        }
        return next < 0;
    }

    private Optional<Entry> end() {
        ended = true;
        return Optional.empty();
    }

    private Optional<Entry> torn() {
        flaw = new Flaw(place(), true, "the last entry is not whole, as a crash leaves it; skipped");
        return end();
    }

    private Optional<Entry> damaged(String what) {
        flaw = new Flaw(place(), false, what + "; the rest of this file is skipped");
        return end();
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
