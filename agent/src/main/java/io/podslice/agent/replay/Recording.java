package io.podslice.agent.replay;

import io.podslice.agent.record.SegmentForm;
import io.podslice.agent.yaml.DocumentException;
import io.podslice.proto.v1.Entry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The segments of a recording, the oldest first.
 *
 * @param segments their files
 * @param isFolder true if they are those of a folder, in which podslice may still be writing
 */
public record Recording(List<Path> segments, boolean isFolder) {
    public Recording {
        segments = List.copyOf(segments);
    }

    /** Sees the entries of a recording in their order. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * Takes in an entry.
         *
         * @return false if it needs no more
         * @throws DocumentException if the entry tells what no node has; the message names the place
         */
        boolean entry(Entry entry, Place place) throws DocumentException;
    }

    /**
     * Finds the segments of a folder, or takes a file as the only one.
     *
     * @throws DocumentException if there is none
     */
    public static Recording of(Path path) throws DocumentException {
        if (!Files.isDirectory(path)) {
            if (!Files.exists(path)) {
                throw new DocumentException(path + ": no such file or folder");
            }
            return new Recording(List.of(path), false);
        }
        List<Path> found = new ArrayList<>();
        try (Stream<Path> files = Files.list(path)) {
            files.filter(file -> number(file) >= 0).forEach(found::add);
        } catch (AccessDeniedException e) {
            throw new DocumentException(path + ": permission denied");
        } catch (IOException | UncheckedIOException e) {
            throw new DocumentException(path + ": cannot be read: " + e.getMessage());
        }
        if (found.isEmpty()) {
            throw new DocumentException(path + ": has no recording, whose files are called recording-NUMBER.podslice");
        }
        found.sort(Comparator.comparingLong(Recording::number));
        return new Recording(found, true);
    }

    private static long number(Path file) {
        return SegmentForm.number(file.getFileName().toString()).orElse(-1);
    }

    /** Returns one of its segments alone. */
    public Recording only(Path segment) {
        return new Recording(List.of(segment), isFolder);
    }

    /**
     * Reads the entries.
     *
     * @return the parts that could not be read
     * @throws DocumentException if a file cannot be opened, or tells what no node has
     */
    public List<Flaw> read(Visitor visitor) throws DocumentException {
        List<Flaw> flaws = new ArrayList<>();
        for (Path segment : segments) {
            try (SegmentReader reader = new SegmentReader(segment)) {
                Place place = reader.place();
                Optional<Entry> entry = reader.next();
                while (entry.isPresent()) {
                    if (!visitor.entry(entry.get(), place)) {
                        return flaws;
                    }
                    place = reader.place();
                    entry = reader.next();
                }
                reader.flaw().ifPresent(flaws::add);
            } catch (NoSuchFileException e) {
                if (!isFolder) {
                    throw new DocumentException(segment + ": no such file");
                }
                flaws.add(new Flaw(new Place(segment, 0), true, "podslice has deleted this file meanwhile"));
            } catch (AccessDeniedException e) {
                throw new DocumentException(segment + ": permission denied");
            } catch (IOException e) {
                throw new DocumentException(segment + ": cannot be read: " + e.getMessage());
            }
        }
        return flaws;
    }
}
