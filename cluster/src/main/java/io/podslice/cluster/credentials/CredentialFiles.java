package io.podslice.cluster.credentials;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Reads the files of a set of credentials, and remembers how each was when it was read, so that a rotation is seen. A
 * symbolic link counts as the file that it leads to: kubelet and volumes of service accounts rotate by links.
 */
final class CredentialFiles {
    /** The largest file in bytes; a bundle of all public certificate authorities has about 250 KiB. */
    private static final int MOST_BYTES = 1 << 20;

    private final Map<Path, Stamp> seen = new HashMap<>();

    private record Stamp(
            FileTime modified, long size, @Nullable Object key) {}

    /**
     * Reads a file as text.
     *
     * @throws IOException if it is not there, cannot be read, or is larger than 1 MiB; the message begins with its path
     */
    String read(Path file) throws IOException {
        Stamp before = stamp(file);
        if (before == null) {
            throw new IOException(file + ": is not there");
        }
        seen.put(file, before);
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MOST_BYTES + 1);
            if (bytes.length > MOST_BYTES) {
                throw new IOException(file + ": is larger than " + MOST_BYTES + " bytes");
            }
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            throw new IOException(file + ": is not there", e);
        }
    }

    /** Tells if a file that was read is another one now, is gone, or has been written since. */
    boolean haveChanged() {
        return seen.entrySet().stream().anyMatch(entry -> !Objects.equals(entry.getValue(), stamp(entry.getKey())));
    }

    private static @Nullable Stamp stamp(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return new Stamp(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
        } catch (IOException gone) {
            return null;
        }
    }
}
