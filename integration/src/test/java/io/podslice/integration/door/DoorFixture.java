package io.podslice.integration.door;

import io.podslice.agent.Agent;
import io.podslice.agent.AgentParts;
import io.podslice.agent.config.Configuration;
import io.podslice.cgroups.AppliedStep;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.integration.agent.AgentConfiguration;
import io.podslice.node.CpuIsolation;
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
import io.podslice.simulator.kubelet.Wants;
import io.podslice.simulator.runtime.PodUpdateSupport;
import io.podslice.simulator.runtime.SimulatedProcesses;
import io.podslice.simulator.runtime.SimulatedRuntime;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

/** A node of 2 NUMA nodes with 8 CPUs each, with podslice on it. */
final class DoorFixture implements AutoCloseable {
    static final CgroupPath KUBEPODS = new CgroupPath("/kubepods");
    static final String ALL = "0-15";

    static final Machine MACHINE = Machine.regular(2, 1, 4, 2, 8L << 30);

    final Path folder;
    final SimulatedCgroups kernel = new SimulatedCgroups(MACHINE);
    private Machine machine = MACHINE;
    final SimulatedRuntime runtime;
    final CriClient client;
    final KubeletDriver kubelet;
    private Agent agent;
    private CpuIsolation isolation;
    private final boolean isRecorded;

    /** The writes of podslice to the cgroups, e.g. {@code write /kubepods/burstable/cpuset.cpus: 4-15}. */
    final List<String> written = new CopyOnWriteArrayList<>();

    DoorFixture() throws IOException {
        this(PodUpdateSupport.UNIMPLEMENTED);
    }

    /** @param podUpdates the runtime's support of UpdatePodSandboxResources */
    DoorFixture(PodUpdateSupport podUpdates) throws IOException {
        this(podUpdates, Configuration.DEFAULT.isolation(), false);
    }

    /** Returns a node whose changes are recorded. */
    static DoorFixture recorded() throws IOException {
        return new DoorFixture(PodUpdateSupport.UNIMPLEMENTED, Configuration.DEFAULT.isolation(), true);
    }

    /** @param isolation how podslice keeps exclusive CPUs for their owners */
    DoorFixture(CpuIsolation isolation) throws IOException {
        this(PodUpdateSupport.UNIMPLEMENTED, isolation, false);
    }

    private DoorFixture(PodUpdateSupport podUpdates, CpuIsolation isolation, boolean isRecorded) throws IOException {
        this.isolation = isolation;
        this.isRecorded = isRecorded;
        // A short path: the path of a Unix socket in it may have at most 107 bytes.
        folder = Files.createTempDirectory("door");
        runtime = new SimulatedRuntime(
                folder.resolve("runtime.sock"),
                kernel,
                new SimulatedProcesses(kernel),
                podUpdates,
                InstantSource.system(),
                new Random(1));
        runtime.addImage("busybox");
        runtime.start();
        agent = newAgent();
        client = new CriClient(folder.resolve("cri.sock"), Duration.ofSeconds(20));
        kubelet = kubelet(client);
        kubelet.prepareNode();
    }

    private KubeletDriver kubelet(CriClient through) {
        return new KubeletDriver(
                through,
                kernel,
                KUBEPODS,
                PodCgroups.BY_RUNTIME,
                new NodeSize(MACHINE.cpus().size(), 16L << 30, List.of()),
                CallLog.NONE);
    }

    /** Does something past podslice, straight at the runtime. */
    void besidePodslice(BiConsumer<CriClient, KubeletDriver> deed) {
        try (CriClient direct = new CriClient(folder.resolve("runtime.sock"), Duration.ofSeconds(20))) {
            deed.accept(direct, kubelet(direct));
        }
    }

    private Agent newAgent() {
        Configuration configuration = AgentConfiguration.of(
                        folder.resolve("cri.sock"), folder.resolve("runtime.sock"), folder.resolve("state"))
                .withIsolation(isolation);
        if (isRecorded) {
            configuration = AgentConfiguration.withRecording(configuration, recording());
        }
        return new Agent(
                AgentConfiguration.withPage(configuration, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                new AgentParts(kernel, machine, Clock.systemUTC(), this::note));
    }

    /** Returns the folder of the recording. */
    Path recording() {
        return folder.resolve("recording");
    }

    private void note(String occasion, List<AppliedStep> steps) {
        steps.forEach(step -> written.add(step.describe()));
    }

    /** Takes CPUs offline; podslice, which reads the machine when it starts, must not be running. */
    void takeOffline(CpuSet cpus) {
        machine = MACHINE.withOffline(cpus);
        kernel.setOnline(machine.cpuSet());
    }

    /** Ends podslice and starts it again with another setting. */
    void restartAgent(CpuIsolation other) {
        isolation = other;
        restartAgent();
    }

    /** Ends podslice and starts it again. */
    void restartAgent() {
        stopAgent();
        startAgent();
    }

    /** Returns the address of the page. */
    URI page() {
        return URI.create("http://localhost:" + agent.pagePort() + "/");
    }

    void stopAgent() {
        agent.close();
    }

    void startAgent() {
        agent = newAgent();
    }

    /** Returns the state that podslice keeps over a restart, as text. */
    String saved() throws IOException {
        StringBuilder saved = new StringBuilder();
        for (Path file : stateFiles()) {
            saved.append(Files.readString(file));
        }
        return saved.toString();
    }

    /** Deletes the state that podslice keeps; podslice must not be running. */
    void loseState() throws IOException {
        for (Path file : stateFiles()) {
            Files.delete(file);
        }
    }

    private List<Path> stateFiles() throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve("state"))) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    /** Returns a Guaranteed pod; its container "app" has exclusive CPUs, "helper" shares the pod's others. */
    static PodManifest pod(String name, int cpus, int own) {
        return PodSpecAnnotation.on(new PodManifest(
                name,
                "default",
                name + "-uid",
                Wants.guaranteed(Amounts.of(cpus, 2)),
                List.of(
                        new ContainerManifest(
                                "app", ContainerManifest.Kind.APP, "busybox", Wants.guaranteed(Amounts.of(own, 1))),
                        new ContainerManifest("helper", ContainerManifest.Kind.SIDECAR, "busybox", Wants.NONE)),
                Map.of()));
    }

    /** Returns the pod with other budgets for itself and for "app". */
    static PodManifest resized(PodManifest pod, Wants budget, Wants app) {
        return pod.resizedTo(budget)
                .withContainers(List.of(pod.container("app").resizedTo(app), pod.container("helper")));
    }

    /** Returns the CPUs that pods of the BestEffort class may use. */
    String others() {
        return kernel.read(KUBEPODS.child("besteffort"), "cpuset.cpus.effective");
    }

    String cpus(CgroupPath pod, String container) {
        return kernel.read(pod.child(container), "cpuset.cpus.effective");
    }

    @Override
    public void close() throws IOException {
        client.close();
        agent.close();
        runtime.close();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
