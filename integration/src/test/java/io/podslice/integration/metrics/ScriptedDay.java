package io.podslice.integration.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podslice.agent.api.ApiNode;
import io.podslice.agent.config.Standing;
import io.podslice.agent.metrics.MetricsDoor;
import io.podslice.agent.record.Recorder;
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
import io.podslice.node.NodeSources;
import io.podslice.node.PlanListener;
import io.podslice.node.PodDevices;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.PodSpecs;
import io.podslice.node.RefusalListener;
import io.podslice.node.ResizeAnswer;
import io.podslice.node.ResizeRequest;
import io.podslice.node.RuntimeUpdates;
import io.podslice.node.SourceHealth;
import io.podslice.node.SpecSource;
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
import io.podslice.simulator.kubelet.ContainerManifest;
import io.podslice.simulator.kubelet.KubeletDriver;
import io.podslice.simulator.kubelet.NodeSize;
import io.podslice.simulator.kubelet.PodCgroups;
import io.podslice.simulator.kubelet.PodManifest;
import io.podslice.simulator.kubelet.PodSpecAnnotation;
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
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/**
 * A day on a simulated node, with podslice's door for Prometheus: a pod comes and grows, one that is too large is refused,
 * a resize is asked for in vain, and another program overwrites two values; all of it is recorded.
 */
final class ScriptedDay implements AutoCloseable {
    private static final Machine MACHINE = Machine.regular(2, 1, 4, 2, 8L << 30);
    private static final NodeConfig CONFIG = NodeConfig.DEFAULT;
    private static final ShimOptions OPTIONS = ShimOptions.defaults();

    private final SimulatedCgroups kernel = new SimulatedCgroups(MACHINE);
    private final MetricsDoor metrics = new MetricsDoor(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
    private final SimulatedRuntime runtime;
    private final CriShim shim;
    private final NodeBrain brain;
    private final Recorder recorder;
    private final CriClient client;
    private final KubeletDriver kubelet;

    ScriptedDay() throws IOException {
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
                new NodeSources(
                        new SilentSources(), PodDevices.NONE, NodeSources.DEFAULT_TIMEOUT, RefusalListener.NONE),
                new StateFolder(StateFolder.disk(folder.resolve("state")), Clock.systemUTC(), "boot", metrics.meter()),
                Clock.systemUTC(),
                PlanListener.NONE,
                RuntimeUpdates.NONE,
                NodeBrain.MEMORY_WAIT,
                metrics.meter());
        promise.open(brain);
        metrics.configuration(new Standing(Standing.InForce.FILE, 0, ""));
        recorder = new Recorder(folder.resolve("recording"), 1 << 20);
        metrics.recording(recorder::figures);
        recorder.follow(brain);
        metrics.listen(() -> new ApiNode.Managed(brain));
        client = new CriClient(shimSocket, Duration.ofSeconds(20));
        kubelet = new KubeletDriver(
                client,
                kernel,
                new CgroupPath("/kubepods"),
                PodCgroups.BY_RUNTIME,
                new NodeSize(MACHINE.cpus().size(), 16L << 30, List.of()),
                CallLog.NONE);
        kubelet.prepareNode();
    }

    /** Sources of which the Pods API alone would answer, and that have no pod. */
    private static final class SilentSources implements PodSpecs {
        @Override
        public Lookup find(PodSandboxRequest pod, Duration atMost) {
            return Lookup.NOTHING;
        }

        @Override
        public List<SourceHealth> health() {
            return List.of(
                    health(SpecSource.PODS_API, true, ""),
                    health(SpecSource.API_SERVER, false, "no answer"),
                    health(SpecSource.STATIC_PODS, false, "no such folder"));
        }

        private static SourceHealth health(SpecSource source, boolean ready, String detail) {
            return new SourceHealth(source, ready, detail, Instant.EPOCH, 0, 0, 0, 0);
        }
    }

    /** Lives through the day. */
    void live() {
        RunningPod db = kubelet.run(pod("db", 4));
        assertThatThrownBy(() -> kubelet.run(pod("huge", 20))).hasMessageContaining("UnexpectedAdmissionError");
        db = kubelet.resize(db, grown(db.manifest()));
        for (int asked = 0; asked < 3; asked++) {
            assertThat(resize("16")).isInstanceOf(ResizeAnswer.Infeasible.class);
        }
        CgroupPath cgroup = kubelet.cgroup(db.manifest());
        kernel.write(cgroup, "cpu.max", "max 100000");
        kernel.write(cgroup, "cpu.weight", "100");
        brain.sweep();
        brain.sweep();
    }

    /** Returns a pod with a container that has two CPUs to itself, and one that has the others. */
    private static PodManifest pod(String name, int cpus) {
        return PodSpecAnnotation.on(new PodManifest(
                name,
                "default",
                name + "-uid",
                Wants.guaranteed(Amounts.of(cpus, 2)),
                List.of(
                        new ContainerManifest(
                                "app", ContainerManifest.Kind.APP, "busybox", Wants.guaranteed(Amounts.of(2, 1))),
                        new ContainerManifest("helper", ContainerManifest.Kind.SIDECAR, "busybox", Wants.NONE)),
                Map.of()));
    }

    private static PodManifest grown(PodManifest pod) {
        ContainerManifest app = pod.container("app").resizedTo(Wants.guaranteed(Amounts.of(4, 2)));
        return pod.resizedTo(Wants.guaranteed(Amounts.of(6, 4))).withContainers(List.of(app, pod.container("helper")));
    }

    private ResizeAnswer resize(String cpus) {
        ResourceList budget = ResourceList.of(cpus, "4Gi");
        return brain.resize(new ResizeRequest(
                "default", "db", Optional.of(new ResourceRequirements(budget, budget)), new TreeMap<>(), 0, false));
    }

    /** Scrapes what podslice serves now. */
    MetricsPage scrape() throws IOException, InterruptedException {
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<String> page = http.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + metrics.port() + "/metrics"))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(page.statusCode()).isEqualTo(200);
            return MetricsPage.parse(page.body());
        }
    }

    @Override
    public void close() throws IOException {
        metrics.close();
        recorder.close();
        client.close();
        shim.close();
        runtime.close();
    }
}
