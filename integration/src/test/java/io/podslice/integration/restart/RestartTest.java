package io.podslice.integration.restart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.podslice.cgroups.machine.Machine;
import io.podslice.proto.cri.v1.LinuxContainerResources;
import io.podslice.proto.cri.v1.ListContainersRequest;
import io.podslice.proto.cri.v1.UpdateContainerResourcesRequest;
import io.podslice.proto.cri.v1.VersionRequest;
import io.podslice.simulator.cri.CriClient;
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
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A {@code podslice serve} that has its socket from another process, as from systemd: a restart refuses no client and
 * fails no call.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
final class RestartTest {
    private static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final int CLIENTS = 4;
    private static final int RESTARTS = 4;

    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Map<Status.Code, AtomicInteger> seen = new ConcurrentHashMap<>();
    private final List<String> failures = new CopyOnWriteArrayList<>();
    private volatile boolean over;

    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private SimulatedRuntime runtime;

    @SuppressWarnings("NullAway.Init")
    private Process holder;

    @BeforeEach
    void aRuntime() throws IOException {
        // A short path: that of a Unix socket in it may have at most 107 bytes.
        folder = Files.createTempDirectory("re");
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

    @AfterEach
    void end() throws Exception {
        over = true;
        runtime.close();
        holder.destroy();
        assertThat(holder.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    /** Starts what holds the socket, and below it podslice. */
    private void start(Path held, Path configured) throws IOException {
        Path config = Files.writeString(folder.resolve("podslice.yaml"), """
                apiVersion: podslice.io/v1alpha1
                kind: PodsliceConfiguration
                shim: {listen: "unix://%1$s", runtime: "unix://%2$s/runtime.sock"}
                cgroups: {root: "%2$s", driver: cgroupfs}
                podSpecs: {source: annotation}
                podResources: ""
                state: {dir: "%2$s/state"}
                """.formatted(configured, folder));
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String classes = System.getProperty("java.class.path");
        List<String> command = new ArrayList<>(List.of(java, "--enable-native-access=ALL-UNNAMED", "-cp", classes));
        command.addAll(List.of(SocketHolder.class.getName(), held.toString()));
        command.addAll(List.of(java, "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", classes));
        command.addAll(List.of("io.podslice.agent.cli.Main", "serve", "--config", config.toString()));
        holder = new ProcessBuilder(command).redirectErrorStream(true).start();
        BufferedReader out = holder.inputReader();
        Thread.ofPlatform().daemon().start(() -> out.lines().forEach(lines::add));
    }

    private List<String> linesThatBegin(String start) {
        return lines.stream().filter(line -> line.startsWith(start)).toList();
    }

    private ProcessHandle podslice(int number) {
        await().atMost(PATIENCE).until(() -> linesThatBegin("started ").size() >= number);
        String line = linesThatBegin("started ").get(number - 1);
        return ProcessHandle.of(Long.parseLong(line.substring("started ".length())))
                .orElseThrow();
    }

    /** Calls one after the other until the test is over: two that pass, and one that podslice holds. */
    private void call(CriClient client) {
        for (int i = 0; !over; i++) {
            try {
                switch (i % 3) {
                    case 0 -> client.runtime().version(VersionRequest.getDefaultInstance());
                    case 1 -> client.runtime().listContainers(ListContainersRequest.getDefaultInstance());
                    default ->
                        client.runtime()
                                .updateContainerResources(UpdateContainerResourcesRequest.newBuilder()
                                        .setContainerId("none")
                                        .setLinux(LinuxContainerResources.newBuilder()
                                                .setCpuShares(2))
                                        .build());
                }
                count(Status.Code.OK);
            } catch (StatusRuntimeException e) {
                count(e.getStatus().getCode());
                if (e.getStatus().getCode() != Status.Code.NOT_FOUND) {
                    failures.add(e.getStatus().toString());
                }
            }
        }
    }

    private void count(Status.Code code) {
        seen.computeIfAbsent(code, of -> new AtomicInteger()).incrementAndGet();
    }

    private int calls() {
        return seen.values().stream().mapToInt(AtomicInteger::get).sum();
    }

    @Test
    void noCallFailsAcrossRestarts() throws Exception {
        Path socket = folder.resolve("cri.sock");
        start(socket, socket);
        podslice(1); // so that the socket listens; no client is refused from here on
        List<Thread> callers = new ArrayList<>();
        List<CriClient> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            CriClient client = new CriClient(socket, PATIENCE);
            clients.add(client);
            callers.add(Thread.ofPlatform().daemon().start(() -> call(client)));
        }

        for (int life = 1; life <= RESTARTS; life++) {
            ProcessHandle podslice = podslice(life);
            int before = calls();
            await().atMost(PATIENCE).until(() -> calls() > before + 10 * CLIENTS || !failures.isEmpty());
            podslice.destroy(); // SIGTERM
            podslice.onExit().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(socket).exists();
        }
        int before = calls();
        await().atMost(PATIENCE).until(() -> calls() > before + 10 * CLIENTS || !failures.isEmpty());
        over = true;
        for (Thread caller : callers) {
            assertThat(caller.join(PATIENCE)).isTrue();
        }
        clients.forEach(CriClient::close);

        assertThat(failures).as("of %s calls; podslice says %s", seen, lines).isEmpty();
        assertThat(linesThatBegin("ended ")).containsOnly("ended 0").hasSize(RESTARTS);
        assertThat(seen).containsOnlyKeys(Status.Code.OK, Status.Code.NOT_FOUND);
        assertThat(lines)
                .as("what is logged after the socket was let go of is not lost")
                .anySatisfy(line -> assertThat(line).endsWith("stopped"));
    }

    @Test
    void aSocketAtAnotherAddressIsRefusedWithBoth() throws Exception {
        Path held = folder.resolve("held.sock");
        Path configured = folder.resolve("cri.sock");
        start(held, configured);

        await().atMost(PATIENCE).until(() -> !linesThatBegin("ended ").isEmpty());

        assertThat(linesThatBegin("ended ").getFirst()).isEqualTo("ended 1");
        assertThat(lines)
                .contains("podslice serve: shim.listen unix://" + configured
                        + ": the service manager has handed down a socket that listens on " + held
                        + "; set ListenStream= of podslice.socket or shim.listen to the other's path");
        assertThat(configured).doesNotExist();
    }
}
