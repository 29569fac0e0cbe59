package io.podslice.simulator.systemd;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The scripts, and the answers of each version of systemd to them. */
final class SystemdScripts {
    static final Path FOLDER = Path.of("src/test/resources/io/podslice/simulator/systemd");

    private SystemdScripts() {}

    static List<String> names() {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".script"))
                    .map(name -> name.substring(0, name.length() - ".script".length()))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the answers of a version. */
    static String recorded(String name, String version) throws IOException {
        return Files.readString(FOLDER.resolve(name + "." + version));
    }
}
