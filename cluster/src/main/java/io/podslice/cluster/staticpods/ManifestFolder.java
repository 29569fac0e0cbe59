package io.podslice.cluster.staticpods;

import io.podslice.managers.pod.Printable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder of static pods' manifests, as the kubelet reads it (pkg/kubelet/config/file.go): every regular file in it whose
 * name does not begin with a dot, links followed, no folders within. A file is read anew when it has changed.
 */
final class ManifestFolder {
    private static final Logger LOG = LoggerFactory.getLogger(ManifestFolder.class);

    /** The most files; a kubelet runs some hundred pods. */
    static final int MOST_FILES = 512;

    /** The largest file in bytes. The kubelet takes 10 MiB; a manifest that is run has some KiB. */
    static final int MOST_BYTES = 1 << 20;

    private final Path folder;
    private Map<Path, Reading> readings = Map.of();

    /** A file as it was when it was read. */
    private record Stamp(
            FileTime modified, long size, @Nullable Object key) {}

    /** A file that was read: its manifest, or the problem with it. */
    private record Reading(Stamp stamp, Optional<StaticManifest> manifest, String problem) {}

    /**
     * The folder at one time.
     *
     * @param manifests those that can be read
     * @param problems a line for each file that cannot
     */
    record Contents(List<StaticManifest> manifests, List<String> problems) {
        Contents {
            manifests = List.copyOf(manifests);
            problems = List.copyOf(problems);
        }
    }

    ManifestFolder(Path folder) {
        this.folder = folder;
    }

    /**
     * Reads what has changed.
     *
     * @throws NoSuchFileException if there is no such folder
     * @throws IOException if the folder cannot be read
     */
    synchronized Contents read() throws IOException {
        Map<Path, Reading> present = new HashMap<>();
        List<StaticManifest> manifests = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        for (Path file : files(problems)) {
            Stamp stamp = stamp(file);
            if (stamp == null) {
                continue;
            }
            Reading before = readings.get(file);
            Reading reading = before != null && before.stamp.equals(stamp) ? before : reading(file, stamp);
            present.put(file, reading);
            reading.manifest.ifPresent(manifests::add);
            if (!reading.problem.isEmpty()) {
                problems.add(reading.problem);
            }
        }
        readings = present;
        return new Contents(manifests, problems);
    }

    private List<Path> files(List<String> problems) throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
            for (Path file : all) {
                if (!String.valueOf(file.getFileName()).startsWith(".")) {
                    if (files.size() == MOST_FILES) {
                        problems.add(folder + ": has more than " + MOST_FILES + " files");
                        break;
                    }
                    files.add(file);
                }
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return files;
    }

    /** Returns null for what is not a regular file, or gone. */
    private static @Nullable Stamp stamp(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return attributes.isRegularFile()
                    ? new Stamp(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey())
                    : null;
        } catch (IOException gone) {
            return null;
        }
    }

    private static Reading reading(Path file, Stamp stamp) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MOST_BYTES + 1);
            if (bytes.length > MOST_BYTES) {
                throw new IOException("is larger than " + MOST_BYTES + " bytes");
            }
            StaticManifest manifest = StaticManifest.read(new String(bytes, StandardCharsets.UTF_8));
            return new Reading(stamp, Optional.of(manifest), "");
        } catch (IOException e) {
            String problem = Printable.of(file + ": " + e.getMessage());
            LOG.warn("static pod's manifest {}", problem);
            return new Reading(stamp, Optional.empty(), problem);
        }
    }
}
