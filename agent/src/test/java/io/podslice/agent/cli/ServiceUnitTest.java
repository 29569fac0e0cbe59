package io.podslice.agent.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.podslice.agent.config.ConfigurationFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** systemd/podslice.service and podslice.socket, as far as they can be checked without a running systemd. */
final class ServiceUnitTest {
    private static final String PROGRAM = "/opt/podslice/bin/podslice";
    private static final Path ANALYZE = Path.of("/usr/bin/systemd-analyze");

    /** The highest exposure by systemd-analyze security, in tenths. */
    private static final int MOST_EXPOSED = 30;

    @TempDir
    private Path folder;

    private static String unit(String name) throws IOException {
        Path module = Path.of(System.getProperty("basedir", "")).toAbsolutePath();
        return Files.readString(module.resolveSibling("systemd").resolve(name));
    }

    private static String service() throws IOException {
        return unit("podslice.service");
    }

    private static String socket() throws IOException {
        return unit("podslice.socket");
    }

    @Test
    void itStartsPodsliceTheFastWay() throws IOException {
        String line = service()
                .lines()
                .filter(text -> text.startsWith("ExecStart="))
                .map(text -> text.substring("ExecStart=".length()))
                .findFirst()
                .orElseThrow();
        String[] words = line.split(" ", -1);
        assertThat(words[0]).isEqualTo(PROGRAM);
        assertThat(ServeLine.of(Arrays.copyOfRange(words, 1, words.length)))
                .contains(new ServeLine(Path.of("/etc/podslice/podslice.yaml")));
    }

    /** Whatever ends it is no reason to leave a node without its runtime's socket, be it a wrong configuration. */
    @Test
    void systemdStartsItAgainWhateverEndedIt() throws IOException {
        assertThat(service().lines())
                .contains("StartLimitIntervalSec=0", "Restart=always", "WatchdogSec=2min", "TimeoutStopSec=10s")
                .noneMatch(line -> line.startsWith("RestartPreventExitStatus="));
    }

    /** A reload that takes nothing over fails where the administrator has asked for it. */
    @Test
    void aReloadChecksTheFileThatItServesWith() throws IOException {
        assertThat(service().lines().filter(line -> line.startsWith("ExecReload=")))
                .containsExactly(
                        "ExecReload=" + PROGRAM + " config check --running /etc/podslice/podslice.yaml",
                        "ExecReload=/bin/kill -HUP $MAINPID");
    }

    @Test
    void itGetsTheSocketThatTheDefaultConfigurationNames() throws IOException {
        Path listen = ConfigurationFile.parse(ConfigurationFile.defaults())
                .configuration()
                .shim()
                .listen();
        assertThat(socket().lines())
                .contains("ListenStream=" + listen, "Accept=no", "TriggerLimitIntervalSec=0", "SocketMode=0660")
                .filteredOn(line -> line.startsWith("ListenStream="))
                .as("standard input has room for one")
                .hasSize(1);
        assertThat(service().lines())
                .contains(
                        "Requires=podslice.socket",
                        "StandardInput=socket",
                        // Otherwise they would be the socket too.
                        "StandardOutput=journal",
                        "StandardError=journal",
                        "RuntimeDirectoryPreserve=yes",
                        "Also=podslice.socket");
    }

    /** Nothing keeps the kubelet's sockets, kubeconfig, certificates and manifests, or the API server's address from it. */
    @Test
    void itReachesTheSourcesOfPodsSpecsAndWritesCgroups() throws IOException {
        assertThat(service().lines())
                .contains(
                        "ProtectSystem=strict",
                        "ReadWritePaths=/sys/fs/cgroup",
                        "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6")
                .noneMatch(
                        line -> line.matches("(InaccessiblePaths|TemporaryFileSystem|PrivateNetwork|PrivateUsers|User"
                                + "|DynamicUser|IPAddressDeny|RootDirectory|ProtectControlGroups|MemoryDenyWriteExecute"
                                + "|ProcSubset|PrivateDevices)=.*"));
    }

    private record Said(int status, String text) {}

    private static Said analyze(String... arguments) throws IOException, InterruptedException {
        String missing = "systemd-analyze, which knows what a unit may say, is not on this machine (package systemd)";
        if (System.getenv("CI") == null) {
            assumeTrue(Files.isExecutable(ANALYZE), missing);
        }
        assertThat(ANALYZE).as(missing).isExecutable();
        String[] command = new String[arguments.length + 1];
        command[0] = ANALYZE.toString();
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        Process analysis = new ProcessBuilder(command).redirectErrorStream(true).start();
        analysis.getOutputStream().close();
        String said = new String(analysis.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Said(analysis.waitFor(), said);
    }

    /** Writes the two units, with a program that exists, and returns the service. */
    private Path units(String service) throws IOException {
        Path program = folder.resolve("podslice");
        if (!Files.exists(program)) {
            Files.createFile(
                    program, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        }
        Files.writeString(folder.resolve("podslice.socket"), socket());
        return Files.writeString(folder.resolve("podslice.service"), service.replace(PROGRAM, program.toString()));
    }

    @Test
    void systemdFindsNothingWrongWithThem() throws Exception {
        Path service = units(service());

        Said said =
                analyze("verify", "--man=no", folder.resolve("podslice.socket").toString(), service.toString());

        assertThat(said.text().lines().filter(text -> text.contains("podslice")))
                .isEmpty();
        assertThat(said.status()).as(said.text()).isZero();
    }

    @Test
    void itsExposureIsAtMostThree() throws Exception {
        String threshold = "--threshold=" + MOST_EXPOSED;

        Said said = analyze(
                "security", "--offline=true", threshold, units(service()).toString());
        Said without = analyze(
                "security",
                "--offline=true",
                threshold,
                units(service().replaceAll("(?m)^(CapabilityBoundingSet|SystemCallFilter)=.*$", ""))
                        .toString());

        assertThat(said.status()).as(said.text()).isZero();
        assertThat(without.status()).as("the threshold is looked at").isNotZero();
    }
}
