package io.podslice.integration.restart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.podslice.agent.api.NodeApiClient;
import io.podslice.cgroups.machine.Machine;
import io.podslice.proto.v1.StatusRequest;
import io.podslice.simulator.kernel.SimulatedCgroups;
import io.podslice.simulator.runtime.PodUpdateSupport;
import io.podslice.simulator.runtime.SimulatedProcesses;
import io.podslice.simulator.runtime.SimulatedRuntime;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A {@code podslice serve} in front of a simulated runtime, run as systemd runs it: its socket and the pipe of its notices
 * come from another process, which starts it again whenever it has ended.
 */
final class HeldServe {
    static final Duration PATIENCE = Duration.ofSeconds(40);

    final Path folder;

    /** The socket that {@link #config} names. */
    final Path socket;

    /** The lines of podslice and of the process that starts it. */
    final List<String> lines = new CopyOnWriteArrayList<>();

    /** The notices to the service manager. */
    final List<String> notices = new CopyOnWriteArrayList<>();

    private final Path pipe;
    private final SimulatedRuntime runtime;
    private volatile boolean over;
    private @Nullable Process holder;

    HeldServe() throws IOException, InterruptedException {
        // A short path: that of a Unix socket in it may have at most 107 bytes.
        folder = Files.createTempDirectory("re");
        socket = folder.resolve("cri.sock");
        pipe = folder.resolve("notices");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        SimulatedCgroups kernel = new SimulatedCgroups(Machine.regular(1, 1, 2, 1, 1L << 30));
        runtime = new SimulatedRuntime(
                folder.resolve("runtime.sock"),
                kernel,
                new SimulatedProcesses(kernel),
                PodUpdateSupport.UNIMPLEMENTED,
                InstantSource.system(),
                new Random(1));
        runtime.start();
    }

    /** Writes the configuration, with more lines at its end. */
    Path config(Path listen, String more) throws IOException {
        return Files.writeString(folder.resolve("podslice.yaml"), """
                apiVersion: podslice.io/v1alpha1
                kind: PodsliceConfiguration
                shim: {listen: "unix://%1$s", runtime: "unix://%2$s/runtime.sock"}
                api: {listen: "unix://%2$s/node.sock"}
                cgroups: {root: "%2$s", driver: cgroupfs}
                podSpecs: {source: annotation}
                podResources: ""
                state: {dir: "%2$s/state"}
                %3$s
                """.formatted(listen, folder, more));
    }

    /**
     * Starts the process that holds a socket, and below it podslice.
     *
     * @param held the path of the socket
     */
    void start(Path held, Path config) throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String classes = System.getProperty("java.class.path");
        // A JVM leaves SIGHUP alone where it is ignored when it starts, as below nohup; a service manager's programs
        // have it.
        List<String> command = new ArrayList<>(
                List.of("env", "--default-signal=HUP", java, "--enable-native-access=ALL-UNNAMED", "-cp", classes));
        command.addAll(List.of(SocketHolder.class.getName(), held.toString()));
        command.addAll(List.of(java, "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", classes));
        command.addAll(List.of("io.podslice.agent.cli.Main", "serve", "--config", config.toString()));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("PODSLICE_READY", pipe.toString());
        Process started = builder.start();
        holder = started;
        BufferedReader out = started.inputReader();
        Thread.ofPlatform().daemon().start(() -> out.lines().forEach(lines::add));
        Thread.ofPlatform().daemon().start(this::hear);
    }

    /** Reads the notices of one podslice after the other. */
    private void hear() {
        while (!over) {
            try (BufferedReader told = Files.newBufferedReader(pipe)) {
                told.lines().forEach(notices::add);
            } catch (IOException e) {
                lines.add("the notices cannot be read: " + e);
                return;
            }
        }
    }

    /** Returns the lines that begin with a text. */
    List<String> linesThatBegin(String start) {
        return lines.stream().filter(line -> line.startsWith(start)).toList();
    }

    /** Waits until a number of lines have a text in them. */
    void awaitLines(String part, int number) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(lines.stream().filter(line -> line.contains(part)))
                        .as("lines with \"%s\" of %s", part, lines)
                        .hasSizeGreaterThanOrEqualTo(number));
    }

    /**
     * Waits until the status that the service manager was told last says that a configuration is in force, and returns
     * what the node API says of it.
     *
     * @param regex matches the whole text about the configuration
     */
    String awaitStatus(String regex) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(notices.stream().filter(line -> line.startsWith("status ")))
                        .last()
                        .asString()
                        .matches("status configuration: " + regex));
        try (NodeApiClient client = new NodeApiClient(folder.resolve("node.sock"))) {
            return client.node(PATIENCE)
                    .withWaitForReady()
                    .status(StatusRequest.getDefaultInstance())
                    .getConfiguration();
        }
    }

    /** Waits for the podslice with a number, from 1 on. */
    ProcessHandle podslice(int number) {
        await().atMost(PATIENCE).until(() -> linesThatBegin("started ").size() >= number);
        String line = linesThatBegin("started ").get(number - 1);
        return ProcessHandle.of(Long.parseLong(line.substring("started ".length())))
                .orElseThrow();
    }

    /** Sends a signal, e.g. {@code HUP}. */
    static void signal(String name, ProcessHandle podslice) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(podslice.pid())).start();
        assertThat(kill.waitFor()).isZero();
    }

    /** Ends podslice, the process that starts it, and the runtime. */
    void end() throws InterruptedException {
        over = true;
        runtime.close();
        Process started = holder;
        if (started != null) {
            started.destroy();
            assertThat(started.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        }
    }
}
