package io.podslice.integration.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podslice.agent.api.ApiNode;
import io.podslice.agent.metrics.MetricsDoor;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.machine.Machine;
import io.podslice.grpc.UnixSocket;
import io.podslice.managers.placement.PodPlacer;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceRequirements;
import io.podslice.node.DeviceLocality;
import io.podslice.node.Door;
import io.podslice.node.MachineSource;
import io.podslice.node.NodeConfig;
import io.podslice.node.PlanListener;
import io.podslice.node.ResizeAnswer;
import io.podslice.node.ResizeRequest;
import io.podslice.node.RuntimeUpdates;
import io.podslice.node.brain.NodeBrain;
import io.podslice.node.brain.Promise;
import io.podslice.node.brain.StateFolder;
import io.podslice.shim.CriDoor;
import io.podslice.shim.CriShim;
import io.podslice.shim.ShimOptions;
import io.podslice.simulator.cri.CriClient;
import io.podslice.simulator.kernel.SimulatedCgroups;
import io.podslice.simulator.kubelet.Amounts;
import io.podslice.simulator.kubelet.CallLog;
import io.podslice.simulator.kubelet.KubeletDriver;
import io.podslice.simulator.kubelet.NodeSize;
import io.podslice.simulator.kubelet.PodCgroups;
import io.podslice.simulator.kubelet.RunningPod;
import io.podslice.simulator.kubelet.Wants;
import io.podslice.simulator.runtime.PodUpdateSupport;
import io.podslice.simulator.runtime.SimulatedProcesses;
import io.podslice.simulator.runtime.SimulatedRuntime;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A day of pods on a simulated node, and what Prometheus sees of it. */
class MetricsTest {
    private static final Machine MACHINE = Machine.regular(2, 1, 4, 2, 8L << 30);
    private static final NodeConfig CONFIG = NodeConfig.DEFAULT;

    /**
     * All series that are not 0 at the end of the day. The pod's 2 containers are allocated CPUs; the kubelet's resize
     * gives others to the shared container when the pod grows, and to both when the other container grows. The
     * managers reject the pod that is too large, and one resize three times, which is one infeasible resize.
     */
    private static final String[] EXPECTED = {
        "cpu_manager_exclusive_cpu_allocation_count 4.0",
        "cpu_manager_shared_pool_size_millicores 10000.0",
        "decision_duration_seconds_count{call=\"CreateContainer\",door=\"cri\"} 2.0",
        "decision_duration_seconds_count{call=\"RunPodSandbox\",door=\"cri\"} 2.0",
        "decision_duration_seconds_count{call=\"UpdateContainerResources\",door=\"cri\"} 4.0",
        "decision_duration_seconds_count{call=\"UpdatePodSandboxResources\",door=\"cri\"} 3.0",
        "held_call_duration_seconds_count{call=\"CreateContainer\",door=\"cri\"} 2.0",
        "held_call_duration_seconds_count{call=\"RunPodSandbox\",door=\"cri\"} 2.0",
        "held_call_duration_seconds_count{call=\"UpdateContainerResources\",door=\"cri\"} 4.0",
        "held_call_duration_seconds_count{call=\"UpdatePodSandboxResources\",door=\"cri\"} 3.0",
        "pod_pending_resizes{reason=\"infeasible\"} 1.0",
        "pods{phase=\"running\"} 1.0",
        "refusals_total{reason=\"UnexpectedAdmissionError\"} 1.0",
        "repairs_total{attribute=\"cpu.max\"} 1.0",
        "repairs_total{attribute=\"cpu.weight\"} 1.0",
        "resizes_total{outcome=\"done\"} 5.0",
        "resizes_total{outcome=\"infeasible\"} 1.0",
        "resource_manager_allocation_errors_total{manager=\"cpu\",source=\"pod\"} 4.0",
        "resource_manager_allocations_total{manager=\"cpu\",source=\"pod\"} 5.0",
        "resource_manager_container_assignments{assignment_type=\"pod_exclusive\"} 1.0",
        "resource_manager_container_assignments{assignment_type=\"pod_shared\"} 1.0"
    };

    private static final ShimOptions OPTIONS = ShimOptions.defaults();

    private final SimulatedCgroups kernel = new SimulatedCgroups(MACHINE);
    private final MetricsDoor metrics = new MetricsDoor(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));

    private SimulatedRuntime runtime;
    private CriShim shim;
    private NodeBrain brain;
    private CriClient client;
    private KubeletDriver kubelet;

    @BeforeEach
    void start() throws IOException {
        // A short path: the path of a Unix socket in it may have at most 107 bytes.
        Path folder = Files.createTempDirectory("day");
        Path runtimeSocket = folder.resolve("runtime.sock");
        Path shimSocket = folder.resolve("cri.sock");
        runtime = new SimulatedRuntime(
                runtimeSocket,
                kernel,
                new SimulatedProcesses(kernel),
                PodUpdateSupport.UNIMPLEMENTED,
                InstantSource.system(),
                new Random(1));
        runtime.addImage("busybox");
        runtime.start();
        Promise promise = new Promise(metrics.meter());
        UnixSocket behind = new UnixSocket("the runtime", runtimeSocket, OPTIONS.connectTimeout());
        shim = new CriShim(
                shimSocket,
                runtimeSocket,
                Set.of(),
                CriDoor.interceptions(promise.door(Door.CRI), OPTIONS.tap().decisionBudget(), behind),
                OPTIONS);
        brain = new NodeBrain(
                CONFIG,
                MACHINE,
                MachineSource.unchanging(MACHINE),
                kernel,
                new PodPlacer(MACHINE, CONFIG.policy()),
                DeviceLocality.NONE,
                new StateFolder(StateFolder.disk(folder.resolve("state")), Clock.systemUTC(), "boot", metrics.meter()),
                Clock.systemUTC(),
                PlanListener.NONE,
                RuntimeUpdates.NONE,
                NodeBrain.MEMORY_WAIT,
                metrics.meter());
        promise.open(brain);
        metrics.listen(() -> new ApiNode.Managed(brain));
        client = new CriClient(shimSocket, Duration.ofSeconds(20));
        kubelet = new KubeletDriver(
                client,
                kernel,
                DoorFixture.KUBEPODS,
                PodCgroups.BY_RUNTIME,
                new NodeSize(MACHINE.cpus().size(), 16L << 30, List.of()),
                CallLog.NONE);
        kubelet.prepareNode();
    }

    @AfterEach
    void end() throws IOException {
        metrics.close();
        client.close();
        shim.close();
        runtime.close();
    }

    /** Returns the series of the page that are not 0, without the buckets and sums of histograms. */
    private SortedMap<String, Double> scraped() throws IOException, InterruptedException {
        HttpResponse<String> page;
        try (HttpClient http = HttpClient.newHttpClient()) {
            page = http.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + metrics.port() + "/metrics"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
        assertThat(page.statusCode()).isEqualTo(200);
        SortedMap<String, Double> series = new TreeMap<>();
        for (String line : (Iterable<String>) page.body().lines()::iterator) {
            int blank = line.lastIndexOf(' ');
            double value = line.startsWith("#") ? 0 : Double.parseDouble(line.substring(blank + 1));
            if (value != 0 && !line.contains("_bucket{") && !line.contains("_sum{")) {
                series.put(line.substring("podslice_".length(), blank), value);
            }
        }
        return series;
    }

    private ResizeAnswer resize(String cpus) {
        ResourceList budget = ResourceList.of(cpus, "4Gi");
        return brain.resize(new ResizeRequest(
                "default", "db", Optional.of(new ResourceRequirements(budget, budget)), new TreeMap<>(), 0, false));
    }

    @Test
    void aDayOfPods() throws Exception {
        RunningPod db = kubelet.run(DoorFixture.pod("db", 4, 2));
        assertThatThrownBy(() -> kubelet.run(DoorFixture.pod("huge", 20, 2)))
                .hasMessageContaining("UnexpectedAdmissionError");
        db = kubelet.resize(
                db,
                DoorFixture.resized(
                        db.manifest(), Wants.guaranteed(Amounts.of(6, 4)), Wants.guaranteed(Amounts.of(4, 2))));
        for (int asked = 0; asked < 3; asked++) {
            assertThat(resize("16")).isInstanceOf(ResizeAnswer.Infeasible.class);
        }
        CgroupPath cgroup = kubelet.cgroup(db.manifest());
        kernel.write(cgroup, "cpu.max", "max 100000");
        kernel.write(cgroup, "cpu.weight", "100");
        brain.sweep();
        brain.sweep();

        SortedMap<String, Double> series = scraped();
        SortedMap<String, Double> journal = new TreeMap<>(series);
        journal.keySet().removeIf(name -> !name.startsWith("journal_writes_total"));
        series.keySet().removeAll(journal.keySet());
        assertThat(series.entrySet().stream().map(one -> one.getKey() + " " + one.getValue()))
                .containsExactly(EXPECTED);
        double begun = journal.getOrDefault("journal_writes_total{event=\"begin\"}", 0.0);
        assertThat(begun).isPositive();
        assertThat(journal).containsEntry("journal_writes_total{event=\"done\"}", begun);
        assertThat(journal.getOrDefault("journal_writes_total{event=\"recorded\"}", 0.0))
                .isPositive();
    }
}
