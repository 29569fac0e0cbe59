package io.podslice.agent.yaml;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads files that a person has named, perhaps by mistake. */
public final class TextFile {
    private TextFile() {}

    /**
     * Reads the whole text of a file.
     *
     * @param mebibytes far more than any such file has
     * @param what what it should be, e.g. {@code a configuration file}
     * @throws IOException if it cannot be that; the message names the file and says why
     */
    public static String read(Path file, int mebibytes, String what) throws IOException {
        try {
            if (Files.isDirectory(file)) {
                throw new IOException(file + ": is a directory, not " + what);
            }
            if (Files.size(file) > (long) mebibytes << 20) {
                throw new IOException(file + ": is larger than " + mebibytes + " MiB, so not " + what);
            }
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new IOException(file + ": no such file", e);
        } catch (AccessDeniedException e) {
            throw new IOException(file + ": permission denied", e);
        } catch (CharacterCodingException e) {
            throw new IOException(file + ": is not UTF-8 text", e);
        }
    }
}
