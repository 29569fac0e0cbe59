package io.podslice.agent.cli;

import io.podslice.agent.yaml.DocumentException;
import io.podslice.agent.yaml.TextFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Reads a file that a command line names, or standard input. */
final class InputFile {
    /** The argument that names standard input. */
    static final String STANDARD_INPUT = "-";

    private InputFile() {}

    /** Returns the name of a file for messages. */
    static String name(String file) {
        return file.equals(STANDARD_INPUT) ? "standard input" : file;
    }

    /**
     * Reads the whole text of a file.
     *
     * @param mebibytes far more than any such file has
     * @param what what it should be, e.g. {@code a manifest}
     * @throws DocumentException if it cannot be that; the message names the file and says why
     */
    static String text(String file, int mebibytes, String what) throws DocumentException {
        try {
            if (!file.equals(STANDARD_INPUT)) {
                return TextFile.read(Path.of(file), mebibytes, what);
            }
            int most = mebibytes << 20;
            byte[] bytes = System.in.readNBytes(most + 1);
            if (bytes.length > most) {
                throw new DocumentException(name(file) + ": is larger than " + mebibytes + " MiB, so not " + what);
            }
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new DocumentException(String.valueOf(e.getMessage()));
        }
    }
}
