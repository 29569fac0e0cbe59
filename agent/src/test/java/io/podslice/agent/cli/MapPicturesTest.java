package io.podslice.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The pictures of docs/map.md are what the command draws. With the system property {@code podslice.docs.write} they are written
 * anew instead.
 */
class MapPicturesTest {
    private static final Path FOLDER = Path.of("..", "docs", "map");

    @ParameterizedTest
    @ValueSource(ints = {8, 128, 512})
    void showWhatTheCommandDraws(int cpus) throws IOException {
        CommandLineRun run = CommandLineRun.of(
                "map",
                "--machine",
                FOLDER.resolve("node-" + cpus + ".json").toString(),
                "--config",
                FOLDER.resolve("node.yaml").toString(),
                "--pod",
                FOLDER.resolve("pods-" + cpus + ".yaml").toString(),
                "--svg",
                "-");
        assertThat(run.err()).isEmpty();
        assertThat(run.status()).isZero();
        Path picture = FOLDER.resolve("map-" + cpus + ".svg");
        if (Boolean.getBoolean("podslice.docs.write")) {
            Files.writeString(picture, run.out());
        }
        assertThat(run.out()).isEqualTo(Files.readString(picture));
    }
}
