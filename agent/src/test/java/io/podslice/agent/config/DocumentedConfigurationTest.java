package io.podslice.agent.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each piece of a configuration that docs/pod-specs.md shows can be put into a configuration as it is. */
final class DocumentedConfigurationTest {
    private static final Path PAGE = Path.of("..", "docs", "pod-specs.md");
    private static final Pattern BLOCK = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);

    static List<String> pieces() throws Exception {
        List<String> pieces = BLOCK.matcher(Files.readString(PAGE))
                .results()
                .map(block -> block.group(1))
                .filter(text -> !text.startsWith("apiVersion:"))
                .toList();
        assertThat(pieces).hasSizeGreaterThan(3);
        return pieces;
    }

    @ParameterizedTest
    @MethodSource("pieces")
    void aPieceHasNeitherErrorsNorNotes(String piece) {
        ConfigurationFile read =
                ConfigurationFile.parse("apiVersion: podslice.io/v1alpha1\nkind: PodsliceConfiguration\n" + piece);
        assertThat(Stream.concat(read.errors().stream(), read.notes().stream()))
                .extracting(remark -> remark.text("f"))
                .isEmpty();
    }
}
