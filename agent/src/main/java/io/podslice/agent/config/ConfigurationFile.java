package io.podslice.agent.config;

import io.podslice.agent.yaml.Remark;
import io.podslice.agent.yaml.TextFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * A configuration file, read and checked.
 *
 * @param configuration its content, with defaults in place of wrong values
 * @param errors what is wrong, in the file's order; the configuration is of use only where this is empty
 * @param notes keys that are right but that this version does not act on
 * @param fields the path of every key that a file may have, e.g. {@code shim.listen}
 * @param raw its values as they were written
 */
public record ConfigurationFile(
        Configuration configuration, List<Remark> errors, List<Remark> notes, Set<String> fields, RawValues raw) {

    /**
     * Reads a file, and collects its mistakes.
     *
     * @throws IOException if there is nothing to check; the message names the file and says why
     */
    public static ConfigurationFile read(Path file) throws IOException {
        return parse(TextFile.read(file, 1, "a configuration file"));
    }

    /** Reads a file's text; never fails, but collects the mistakes. */
    public static ConfigurationFile parse(String text) {
        return new ConfigurationReader().read(text);
    }

    /** Tells if the text is YAML from its beginning to its end, whatever it says. */
    public boolean isWhole() {
        return errors.stream().noneMatch(error -> error.field().isEmpty());
    }

    /** Returns the default configuration as a file with comments. */
    public static String defaults() {
        try (InputStream file = ConfigurationFile.class.getResourceAsStream("default.yaml")) {
            if (file == null) {
                throw new IllegalStateException("default.yaml is not beside " + ConfigurationFile.class);
            }
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
