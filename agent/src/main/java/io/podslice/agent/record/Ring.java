package io.podslice.agent.record;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A folder of segments, of which the oldest are deleted before the sum would exceed its bound. Its files are written by {@link
 * RandomAccessFile}: a channel would be closed by an interrupt. Not safe for use by several threads.
 */
final class Ring {
    /** The share of the bound that one segment takes; a segment with a long beginning takes twice its beginning. */
    private static final int SEGMENTS = 8;

    private static final int MOST_SEGMENTS = 1_000;

    private static final FileAttribute<Set<PosixFilePermission>> FOLDER_MODE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final FileAttribute<Set<PosixFilePermission>> FILE_MODE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private final Path folder;
    private final long maxBytes;

    /** The segments before the one that is written, the oldest first. */
    private final Deque<Segment> older = new ArrayDeque<>();

    private @Nullable Open open;
    private long highest;

    private record Segment(long number, Path file, long bytes) {}

    /** The segment that is written. */
    private static final class Open {
        private final long number;
        private final Path path;
        private final RandomAccessFile file;
        private final long beginning;
        private long bytes;

        Open(long number, Path path, RandomAccessFile file, long beginning) {
            this.number = number;
            this.path = path;
            this.file = file;
            this.beginning = beginning;
            this.bytes = beginning;
        }
    }

    /**
     * @param folder made with the first segment if there is none; its other files are left alone
     * @param maxBytes the most that all segments have together
     */
    Ring(Path folder, long maxBytes) {
        this.folder = folder;
        this.maxBytes = maxBytes;
    }

    /** Tells if there is a segment to append to. */
    boolean isOpen() {
        return open != null;
    }

    /** Tells if a new segment must begin before that many bytes are appended. */
    boolean isFull(long bytes) {
        Open now = open;
        return now == null
                || now.bytes + bytes
                        > Math.min(maxBytes / 2, Math.max(maxBytes / SEGMENTS, now.beginning + now.beginning));
    }

    /**
     * Begins a segment, and ends the one before.
     *
     * @param frames its first entries, which tell the whole node
     * @throws IOException if it cannot be written; none is open then
     */
    void begin(Collection<byte[]> frames) throws IOException {
        close();
        long bytes = SegmentForm.HEADER_BYTES + sum(frames);
        if (bytes > maxBytes / 4) {
            throw new IOException("the whole node takes " + bytes
                    + " bytes, more than a quarter of api.record.maxBytes, " + maxBytes);
        }
        find();
        makeRoom(bytes);
        long number = highest + 1;
        Path path = folder.resolve(SegmentForm.name(number));
        Files.createFile(path, FILE_MODE);
        RandomAccessFile file = null;
        try {
            file = new RandomAccessFile(path.toFile(), "rw");
            file.write(SegmentForm.header());
            for (byte[] frame : frames) {
                file.write(frame);
            }
        } catch (IOException e) {
            if (file != null) {
                file.close();
            }
            Files.deleteIfExists(path);
            throw e;
        }
        open = new Open(number, path, file, bytes);
    }

    /**
     * Appends entries to the open segment, all of them or none.
     *
     * @throws IOException if they cannot be written; none is open then
     */
    void append(Collection<byte[]> frames) throws IOException {
        Open now = open;
        if (now == null) {
            throw new IOException("no segment is open");
        }
        try {
            long bytes = sum(frames);
            makeRoom(bytes);
            if (size() + bytes > maxBytes) {
                throw new IOException(bytes + " bytes more exceed api.record.maxBytes, " + maxBytes);
            }
            for (byte[] frame : frames) {
                now.file.write(frame);
            }
            now.bytes += bytes;
        } catch (IOException e) {
            abandon(now);
            throw e;
        }
    }

    /** Closes a segment that could not be written to, and takes back what is there of the last entries. */
    private void abandon(Open segment) {
        open = null;
        try (RandomAccessFile file = segment.file) {
            file.setLength(segment.bytes);
        } catch (IOException e) {
            return; // its end is torn then, which a reader skips
        }
    }

    /** Looks which segments there are, and how long each is. */
    private void find() throws IOException {
        Path parent = folder.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        try {
            Files.createDirectory(folder, FOLDER_MODE);
        } catch (FileAlreadyExistsException e) {
            if (!Files.isDirectory(folder)) {
                throw new IOException("is there, and is no folder", e);
            }
        }
        List<Segment> found = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                OptionalLong number = SegmentForm.number(file.getFileName().toString());
                highest = Math.max(highest, number.orElse(0)); // also of what is no segment and has a segment's name
                if (number.isPresent() && Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                    found.add(new Segment(number.getAsLong(), file, Files.size(file)));
                }
            }
        }
        found.sort(Comparator.comparingLong(Segment::number));
        older.clear();
        older.addAll(found);
    }

    /** Deletes the oldest segments until that many bytes more are within the bound. */
    private void makeRoom(long bytes) throws IOException {
        while (!older.isEmpty() && (size() + bytes > maxBytes || older.size() >= MOST_SEGMENTS)) {
            Files.deleteIfExists(older.getFirst().file());
            older.removeFirst();
        }
    }

    /** Returns the bytes of all segments. */
    long size() {
        Open now = open;
        return older.stream().mapToLong(Segment::bytes).sum() + (now == null ? 0 : now.bytes);
    }

    private static long sum(Collection<byte[]> frames) {
        return frames.stream().mapToLong(frame -> frame.length).sum();
    }

    /** Ends the open segment, if there is one. */
    void close() throws IOException {
        Open now = open;
        if (now == null) {
            return;
        }
        open = null;
        older.addLast(new Segment(now.number, now.path, now.bytes));
        try (RandomAccessFile file = now.file) {
            file.getFD().sync();
        }
    }
}
