package io.podslice.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** systemd/podslice.service, as far as it can be checked without a running systemd. */
final class ServiceUnitTest {
    private static final String PROGRAM = "/opt/podslice/bin/podslice";

    @TempDir
    private Path folder;

    private static String unit() throws IOException {
        Path module = Path.of(System.getProperty("basedir", "")).toAbsolutePath();
        return Files.readString(module.resolveSibling("systemd/podslice.service"));
    }

    @Test
    void itStartsPodsliceTheFastWay() throws IOException {
        String line = unit().lines()
                .filter(text -> text.startsWith("ExecStart="))
                .map(text -> text.substring("ExecStart=".length()))
                .findFirst()
                .orElseThrow();
        String[] words = line.split(" ", -1);
        assertThat(words[0]).isEqualTo(PROGRAM);
        assertThat(ServeLine.of(Arrays.copyOfRange(words, 1, words.length)))
                .contains(new ServeLine(Path.of("/etc/podslice/podslice.yaml")));
    }

    /** Whatever ends it is no reason to leave a node without its runtime's socket; but a wrong configuration stays wrong. */
    @Test
    void systemdStartsItAgainWhateverEndedIt() throws IOException {
        assertThat(unit().lines())
                .contains(
                        "StartLimitIntervalSec=0",
                        "Restart=always",
                        "WatchdogSec=2min",
                        "RestartPreventExitStatus=" + ExitCode.USAGE);
    }

    /** Nothing keeps the kubelet's sockets, kubeconfig, certificates and manifests, or the API server's address from it. */
    @Test
    void itReachesTheSourcesOfPodsSpecs() throws IOException {
        assertThat(unit().lines())
                .contains("ProtectSystem=full", "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6")
                .noneMatch(
                        line -> line.matches("(InaccessiblePaths|TemporaryFileSystem|PrivateNetwork|PrivateUsers|User"
                                + "|DynamicUser|IPAddressDeny|RootDirectory)=.*"));
    }

    @Test
    void systemdFindsNothingWrongWithIt() throws Exception {
        assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/systemd-analyze")),
                "systemd-analyze, which knows what a unit may say, is not on this machine (package systemd)");
        Path program = Files.createFile(
                folder.resolve("podslice"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Path copy = Files.writeString(folder.resolve("podslice.service"), unit().replace(PROGRAM, program.toString()));

        Process verify = new ProcessBuilder("/usr/bin/systemd-analyze", "verify", "--man=no", copy.toString())
                .redirectErrorStream(true)
                .start();
        verify.getOutputStream().close();
        String said = new String(verify.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(said.lines().filter(text -> text.contains("podslice"))).isEmpty();
        assertThat(verify.waitFor()).as(said).isZero();
    }
}
