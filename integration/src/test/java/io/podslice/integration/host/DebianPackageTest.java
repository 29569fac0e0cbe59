package io.podslice.integration.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The Debian package that {@code deploy/debian/build} makes. Nothing is installed into this machine. */
@Tag("host")
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class DebianPackageTest {
    @TempDir
    private Path folder;

    @Test
    void isTheSameEachTimeGoodToLintianAndRunsFromItsPlace() throws Exception {
        Path first = build("first");
        assertThat(Files.mismatch(first, build("second"))).isEqualTo(-1);

        String lintian = Command.outputWithErrors(0, List.of("../deploy/debian/lint", first.toString()));
        assertThat(lintian.lines()).noneMatch(line -> line.startsWith("E:"));

        Path root = folder.resolve("root");
        Command.outputWithErrors(0, List.of("dpkg-deb", "--raw-extract", first.toString(), root.toString()));
        assertThat(root.resolve("DEBIAN/conffiles")).hasContent("/etc/podslice/podslice.yaml");
        assertThat(root.resolve("usr/lib/systemd/system/podslice.service"))
                .content()
                .contains("ExecStart=/usr/lib/podslice/bin/podslice serve")
                .doesNotContain("/opt/");
        String podslice = root.resolve("usr/bin/podslice").toString();
        assertThat(Command.outputWithErrors(0, List.of(podslice, "--version"))).startsWith("podslice ");
        Command.outputWithErrors(
                0,
                List.of(
                        podslice,
                        "config",
                        "check",
                        root.resolve("etc/podslice/podslice.yaml").toString()));
    }

    @Test
    void isNotRemovedWhileTheKubeletUsesIt() throws Exception {
        Path process = Files.createDirectories(folder.resolve("proc/4711"));
        Files.writeString(process.resolve("comm"), "kubelet\n");
        Files.writeString(
                process.resolve("cmdline"),
                "/usr/bin/kubelet\0--container-runtime-endpoint=unix:///run/podslice/cri.sock\0");
        assertThat(prerm(1, "remove"))
                .contains("the kubelet of this node uses podslice's socket")
                .contains("podslice kubelet detach");
        assertThat(prerm(0, "upgrade")).isEmpty();
    }

    private Path build(String name) throws IOException, InterruptedException {
        Path out = folder.resolve(name);
        return Path.of(Command.outputWithErrors(
                        0, List.of("../deploy/debian/build", Image.folder().toString(), out.toString()))
                .strip());
    }

    private String prerm(int status, String argument) throws IOException, InterruptedException {
        return Command.outputWithErrors(
                status, List.of("env", "PODSLICE_PROC=" + folder.resolve("proc"), "../deploy/debian/prerm", argument));
    }
}
