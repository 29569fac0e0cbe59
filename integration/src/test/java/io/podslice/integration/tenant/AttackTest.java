package io.podslice.integration.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.StatusRuntimeException;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.proto.cri.v1.ListPodSandboxRequest;
import io.podslice.proto.cri.v1.PodSandbox;
import io.podslice.proto.cri.v1.VersionRequest;
import io.podslice.simulator.cri.CriClient;
import io.podslice.simulator.kernel.SimulatedCgroups;
import io.podslice.simulator.kubelet.CallLog;
import io.podslice.simulator.kubelet.KubeletDriver;
import io.podslice.simulator.kubelet.NodeSize;
import io.podslice.simulator.kubelet.PodCgroups;
import io.podslice.simulator.kubelet.PodManifest;
import io.podslice.simulator.kubelet.RunningPod;
import io.podslice.simulator.runtime.PodUpdateSupport;
import io.podslice.simulator.runtime.SimulatedProcesses;
import io.podslice.simulator.runtime.SimulatedRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A tenant writes annotations at random, among honest pods, through the CRI door of a podslice in a process of its own. No
 * honest pod is refused or loses anything, and every hundred of the tenant's pods podslice is killed and started again.
 * The run is printed; with {@code --long} it has 10,000 of the tenant's pods, and times are checked: a wait against that
 * beside a tenant that writes nothing for podslice, in the same run. A failure names the seed; {@code
 * -Dpodslice.attack.seed=N} repeats its pods.
 */
@Tag("attack")
final class AttackTest {
    private static final boolean LONG = Boolean.getBoolean("podslice.long");
    private static final int PODS = Integer.getInteger("podslice.attack.pods", LONG ? 10_000 : 300);
    private static final int PODS_A_ROUND = 100;
    private static final int HONEST_A_ROUND = 24;
    private static final int MOST_RUNNING = 5;
    /** The least time from one of the tenant's pods to the next; a kubelet tries a refused pod again every 11 s. */
    private static final Duration PAUSE = Duration.ofMillis(30);

    private static final double MOST_SLOWER = 1.5;
    private static final Duration LONGEST_RESTART = Duration.ofSeconds(1);
    private static final CgroupPath KUBEPODS = new CgroupPath("/kubepods");
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    private final long seed = Long.getLong("podslice.attack.seed", System.nanoTime());
    private final SimulatedCgroups kernel = new SimulatedCgroups(ServedPodslice.MACHINE);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Tenant tenant = new Tenant(new Random(seed));
    private final Deque<RunningPod> running = new ArrayDeque<>();
    private Path folder;
    private Path log;
    private SimulatedRuntime runtime;
    private KernelDoor door;
    private ServeProcess podslice;
    private CriClient honestClient;
    private CriClient tenantClient;
    private KubeletDriver tenantKubelet;
    private HonestPods honest;
    private int admitted;
    private int refused;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        folder = Files.createTempDirectory("attack");
        log = folder.resolve("podslice.log");
        Path cri = folder.resolve("cri.sock");
        runtime = new SimulatedRuntime(
                folder.resolve("runtime.sock"),
                kernel,
                new SimulatedProcesses(kernel),
                PodUpdateSupport.UNIMPLEMENTED,
                InstantSource.system(),
                new Random(1));
        runtime.addImage("busybox");
        runtime.start();
        door = new KernelDoor(kernel, folder.resolve("kernel.sock"));
        honestClient = new CriClient(cri, TIMEOUT);
        tenantClient = new CriClient(cri, TIMEOUT);
        KubeletDriver honestKubelet = kubelet(honestClient);
        honestKubelet.prepareNode();
        podslice = new ServeProcess(configuration(), cri, folder.resolve("kernel.sock"), log);
        tenantKubelet = kubelet(tenantClient);
        honest = new HonestPods(honestKubelet, kernel);
        honest.start();
    }

    private KubeletDriver kubelet(CriClient client) {
        return new KubeletDriver(
                client,
                kernel,
                KUBEPODS,
                PodCgroups.BY_RUNTIME,
                new NodeSize(ServedPodslice.MACHINE.cpuSet().size(), 64L << 30, List.of()),
                CallLog.NONE);
    }

    private Path configuration() throws IOException {
        return Files.writeString(folder.resolve("podslice.yaml"), """
                apiVersion: podslice.io/v1alpha1
                kind: PodsliceConfiguration
                memoryReservationPolicy: TieredReservation
                shim: {listen: "unix://%1$s/cri.sock", runtime: "unix://%1$s/runtime.sock"}
                state: {dir: "%1$s/state"}
                """.formatted(folder));
    }

    @AfterEach
    void end() throws Exception {
        threads.shutdownNow();
        podslice.close();
        honestClient.close();
        tenantClient.close();
        runtime.close();
        door.close();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @Test
    void noOtherPodNotices() throws Exception {
        List<Long> beside = new ArrayList<>();
        List<Long> attacked = new ArrayList<>();
        List<Duration> restarts = new ArrayList<>();
        try {
            for (int round = 0; round < PODS / PODS_A_ROUND; round++) {
                // What comes first meets colder code, so each comes first as often.
                boolean attackFirst = round % 2 == 0;
                round(attackFirst ? tenant::annotated : tenant::plain, attackFirst ? attacked : beside);
                round(attackFirst ? tenant::plain : tenant::annotated, attackFirst ? beside : attacked);
                restarts.add(podslice.restart());
                await(honestClient);
                await(tenantClient);
                assertUnharmed();
            }
        } catch (AssertionError | RuntimeException | ExecutionException e) {
            throw new AssertionError("podslice.attack.seed=" + seed + ": " + e + "\n" + Files.readString(log), e);
        }
        long resident = podslice.residentMebibytes();
        Duration slowest = Collections.max(restarts);
        double slower = (double) percentile(attacked, 99) / percentile(beside, 99);
        System.out.printf(
                "attack: %d pods with annotations and as many without, %d admitted, %d refused; honest pods wait p50 %.1f and"
                        + " %.1f ms, p99 %.1f and %.1f ms (%.2f times) under attack; listening again within %d ms;"
                        + " %d MiB resident; seed %d%n",
                PODS,
                admitted,
                refused,
                percentile(beside, 50) / 1e6,
                percentile(attacked, 50) / 1e6,
                percentile(beside, 99) / 1e6,
                percentile(attacked, 99) / 1e6,
                slower,
                slowest.toMillis(),
                resident,
                seed);
        assertThat(admitted).as("pods of the tenant that are admitted").isGreaterThan(PODS / 10);
        assertThat(refused).as("pods of the tenant that are refused").isGreaterThan(PODS / 10);
        assertThat(Files.readString(log))
                .doesNotContain("OutOfMemoryError", "StackOverflowError", "Exception in thread");
        if (LONG) {
            assertThat(slower).as("p99 of an honest pod's wait").isLessThan(MOST_SLOWER);
            assertThat(slowest).as("a restart").isLessThan(LONGEST_RESTART);
        }
    }

    private static long percentile(List<Long> values, int percent) {
        List<Long> sorted = values.stream().sorted().toList();
        return sorted.get((sorted.size() - 1) * percent / 100);
    }

    /** Lets the tenant start its pods while honest pods come and go; adds the times that those waited. */
    private void round(Supplier<PodManifest> pods, List<Long> waits) throws Exception {
        Future<?> attack = threads.submit(() -> {
            for (int i = 0; i < PODS_A_ROUND; i++) {
                long begun = System.nanoTime();
                attempt(pods.get());
                // Refused or not, the pods come equally fast: two clients, not two rates, are compared.
                LockSupport.parkNanos(begun + PAUSE.toNanos() - System.nanoTime());
            }
        });
        for (int i = 0; i < HONEST_A_ROUND || !attack.isDone(); i++) {
            waits.add(honest.comeAndGo());
        }
        attack.get();
        assertUnharmed();
    }

    private void attempt(PodManifest pod) {
        try {
            running.add(tenantKubelet.run(pod));
            admitted++;
        } catch (StatusRuntimeException e) {
            assertThat(e.getStatus().getDescription()).as("a refusal").isNotBlank();
            refused++;
            remains(pod).ifPresent(this::remove);
        }
        if (running.size() > MOST_RUNNING) {
            remove(running.remove());
        }
    }

    private void remove(RunningPod pod) {
        tenantKubelet.stop(pod);
        tenantKubelet.remove(pod);
    }

    /** Finds the sandbox of a pod of which a container was refused. */
    private Optional<RunningPod> remains(PodManifest pod) {
        for (PodSandbox sandbox : tenantClient
                .runtime()
                .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                .getItemsList()) {
            if (sandbox.getMetadata().getUid().equals(pod.uid())) {
                return Optional.of(new RunningPod(pod, sandbox.getId(), Map.of()));
            }
        }
        return Optional.empty();
    }

    private void assertUnharmed() {
        honest.assertUnharmed((running.size() + 1) * Tenant.mostCpus());
        CpuSet taken = honest.exclusive();
        for (RunningPod pod : running) {
            pod.containerIds().values().forEach(id -> {
                CgroupPath path = tenantKubelet.cgroup(pod.manifest()).child(id);
                CpuSet cpus = CpuSet.parse(kernel.read(path, "cpuset.cpus.effective"));
                assertThat(cpus.intersection(taken))
                        .as("honest pods' CPUs that %s runs on", pod.manifest().uid())
                        .isEqualTo(CpuSet.empty());
            });
        }
    }

    /** Waits until the client is connected again. */
    private static void await(CriClient client) throws InterruptedException {
        long end = System.nanoTime() + TIMEOUT.toNanos();
        while (true) {
            client.channel().resetConnectBackoff();
            try {
                var _ = client.runtime().version(VersionRequest.getDefaultInstance());
                return;
            } catch (StatusRuntimeException e) {
                if (System.nanoTime() > end) {
                    throw e;
                }
                Thread.sleep(5);
            }
        }
    }
}
