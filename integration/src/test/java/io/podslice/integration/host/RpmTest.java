package io.podslice.integration.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The rpm that {@code deploy/rpm/build} makes, unpacked by rpm. Nothing is installed into this machine. */
@Tag("host")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class RpmTest {
    @TempDir
    private Path folder;

    @Test
    void hasTheTreeOfTheDebianPackageAndRunsFromItsPlace() throws Exception {
        Path file = Path.of(
                Command.output(List.of("../deploy/rpm/build", Image.folder().toString(), folder.toString()))
                        .strip());
        String scripts = Command.output(rpm("--query", "--package", "--scripts", file.toString()));
        assertThat(scripts)
                .contains("podslice kubelet detach")
                .contains("podslice release")
                .doesNotContain("deb-systemd");

        Path root = Files.createDirectory(folder.resolve("root"));
        Command.output(rpm("--root", root.toString(), "--nodeps", "--noscripts", "--install", file.toString()));
        assertThat(root.resolve("usr/lib/systemd/system/podslice.service"))
                .content()
                .contains("ExecStart=/usr/lib/podslice/bin/podslice serve");
        assertThat(Command.output(List.of(root.resolve("usr/bin/podslice").toString(), "--version")))
                .startsWith("podslice ");
    }

    /** Returns the line of a call of the part's rpm, with its own loader, libraries and settings. */
    private static List<String> rpm(String... arguments) throws IOException, InterruptedException {
        Command.output(List.of("real/parts", "get", "rpm"));
        Path part = Path.of(Command.output(List.of("real/parts", "path", "rpm")).strip());
        Path libraries;
        try (var found = Files.newDirectoryStream(part.resolve("usr/lib"), "*-linux-gnu")) {
            libraries = found.iterator().next();
        }
        Path loader;
        try (var found = Files.newDirectoryStream(libraries, "ld-linux-*.so.*")) {
            loader = found.iterator().next();
        }
        List<String> line = new ArrayList<>(List.of(
                "env",
                "RPM_CONFIGDIR=" + part.resolve("usr/lib/rpm"),
                loader.toString(),
                "--library-path",
                libraries.toString(),
                part.resolve("usr/bin/rpm").toString()));
        line.addAll(List.of(arguments));
        return line;
    }
}
