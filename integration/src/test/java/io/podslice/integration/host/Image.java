package io.podslice.integration.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** The installable podslice, as {@code bin/image} makes it; made once for each build. */
final class Image {
    private static final Path FOLDER = Path.of("target/image").toAbsolutePath();
    private static final Path MADE_FROM = FOLDER.resolve("made-from");
    private static final Path SOURCES = Path.of("../target/dist/sources");

    private static final Path SCRIPT = Path.of("../bin/image");

    private Image() {}

    /** Returns the folder of the last build's image; making it takes a minute. */
    static Path folder() throws IOException, InterruptedException {
        if (!Files.exists(MADE_FROM) || Files.mismatch(MADE_FROM, SOURCES) >= 0 || isOlderThan(SCRIPT)) {
            delete();
            int status = new ProcessBuilder(SCRIPT.toString(), FOLDER.toString())
                    .inheritIO()
                    .start()
                    .waitFor();
            if (status != 0) {
                throw new IllegalStateException("bin/image ended with status " + status);
            }
            Files.copy(SOURCES, MADE_FROM);
        }
        return FOLDER;
    }

    private static boolean isOlderThan(Path script) throws IOException {
        return Files.getLastModifiedTime(MADE_FROM).compareTo(Files.getLastModifiedTime(script)) < 0;
    }

    private static void delete() throws IOException {
        if (Files.exists(FOLDER)) {
            try (Stream<Path> files = Files.walk(FOLDER)) {
                for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }
}
