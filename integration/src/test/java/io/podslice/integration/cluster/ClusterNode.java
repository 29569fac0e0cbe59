package io.podslice.integration.cluster;

import io.podslice.agent.Agent;
import io.podslice.agent.AgentParts;
import io.podslice.agent.config.ClusterConfiguration;
import io.podslice.agent.config.ClusterConfiguration.RefusedPods;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.integration.agent.AgentConfiguration;
import io.podslice.node.PlanListener;
import io.podslice.proto.v1.GetPodRequest;
import io.podslice.proto.v1.NodeGrpc;
import io.podslice.proto.v1.Pod;
import io.podslice.proto.v1.PodReference;
import io.podslice.proto.v1.StatusRequest;
import io.podslice.proto.v1.StatusResponse;
import io.podslice.simulator.apiserver.ApiOptions;
import io.podslice.simulator.cluster.SimulatedCluster;
import io.podslice.simulator.cri.CriClient;
import io.podslice.simulator.kernel.SimulatedCgroups;
import io.podslice.simulator.kubelet.Amounts;
import io.podslice.simulator.kubelet.CallLog;
import io.podslice.simulator.kubelet.ContainerManifest;
import io.podslice.simulator.kubelet.ContainerManifest.Kind;
import io.podslice.simulator.kubelet.KubeletDriver;
import io.podslice.simulator.kubelet.NodeSize;
import io.podslice.simulator.kubelet.PodCgroups;
import io.podslice.simulator.kubelet.PodManifest;
import io.podslice.simulator.kubelet.RunningPod;
import io.podslice.simulator.kubelet.Wants;
import io.podslice.simulator.kubeletapi.DevicePlugin;
import io.podslice.simulator.kubeletapi.KubeletRelease;
import io.podslice.simulator.runtime.PodUpdateSupport;
import io.podslice.simulator.runtime.SimulatedProcesses;
import io.podslice.simulator.runtime.SimulatedRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A simulated node with its cluster side, and podslice on it. */
final class ClusterNode implements AutoCloseable {
    static final CgroupPath KUBEPODS = new CgroupPath("/kubepods");
    static final String GPU = "example.com/gpu";
    private static final String IMAGE = "example.com/app:v1";
    private static final List<String> FILES =
            List.of("cpu.max", "cpu.weight", "memory.max", "memory.min", "memory.low", "cpuset.cpus.effective");

    /**
     * A node's properties.
     *
     * @param way the way in which podslice learns of pods
     * @param machine the hardware
     * @param release the kubelet's release
     * @param api the API server's properties
     * @param refused the fate of refused pods
     * @param lookup the time for the lookups of an admission
     * @param events true if events on pods are written
     */
    record Options(
            Way way,
            Machine machine,
            KubeletRelease release,
            ApiOptions api,
            RefusedPods refused,
            Duration lookup,
            boolean events) {
        static Options of(Way way) {
            return new Options(
                    way,
                    Machine.regular(2, 1, 8, 2, 64L << 30),
                    KubeletRelease.V1_37,
                    ApiOptions.DEFAULT.bookmarkEvery(Duration.ofMillis(200)),
                    RefusedPods.RETRY,
                    Duration.ofSeconds(5),
                    false);
        }

        Options on(Machine other) {
            return new Options(way, other, release, api, refused, lookup, events);
        }

        Options with(KubeletRelease other) {
            return new Options(way, machine, other, api, refused, lookup, events);
        }

        Options with(ApiOptions other) {
            return new Options(way, machine, release, other, refused, lookup, events);
        }

        Options with(RefusedPods other) {
            return new Options(way, machine, release, api, other, lookup, events);
        }

        Options withEvents() {
            return new Options(way, machine, release, api, refused, lookup, true);
        }

        Options lookingUpFor(Duration other) {
            return new Options(way, machine, release, api, refused, other, events);
        }
    }

    final Path folder;
    final SimulatedCgroups kernel;
    final SimulatedRuntime runtime;
    final SimulatedCluster cluster;
    final CriClient client;
    private final CriClient api;
    final KubeletDriver kubelet;
    private final Options options;
    private Agent agent;

    ClusterNode(Options options) throws IOException {
        this.options = options;
        // A short path: the path of a Unix socket in it may have at most 107 bytes.
        folder = Files.createTempDirectory("clu");
        kernel = new SimulatedCgroups(options.machine());
        runtime = new SimulatedRuntime(
                folder.resolve("runtime.sock"),
                kernel,
                new SimulatedProcesses(kernel),
                PodUpdateSupport.UNIMPLEMENTED,
                InstantSource.system(),
                new Random(1));
        runtime.addImage(IMAGE);
        runtime.start();
        cluster = new SimulatedCluster(
                folder,
                "node-a",
                List.of(new DevicePlugin(
                        GPU, Map.of("gpu-0", CpuSet.of(1), "gpu-1", CpuSet.of(1), "gpu-2", CpuSet.of(0)))),
                options.release(),
                options.api());
        options.way().open(cluster);
        agent = newAgent();
        client = new CriClient(folder.resolve("cri.sock"), Duration.ofSeconds(30));
        api = new CriClient(folder.resolve("podslice.sock"), Duration.ofSeconds(20));
        kubelet = new KubeletDriver(
                client,
                kernel,
                KUBEPODS,
                PodCgroups.BY_RUNTIME,
                new NodeSize(options.machine().cpus().size(), options.machine().memoryBytes(), List.of()),
                CallLog.NONE,
                cluster);
        kubelet.prepareNode();
    }

    private Agent newAgent() {
        return new Agent(
                AgentConfiguration.of(
                                folder.resolve("cri.sock"), folder.resolve("runtime.sock"), folder.resolve("state"))
                        .with(configuration()),
                new AgentParts(kernel, options.machine(), Clock.systemUTC(), PlanListener.NONE));
    }

    private ClusterConfiguration configuration() {
        ClusterConfiguration base = options.way().configuration(cluster, options.lookup(), options.refused());
        ClusterConfiguration.PodSpecs specs = base.podSpecs();
        ClusterConfiguration.ApiServer api = specs.apiServer();
        return new ClusterConfiguration(
                new ClusterConfiguration.PodSpecs(
                        specs.source(),
                        specs.timeout(),
                        specs.podsApi(),
                        new ClusterConfiguration.ApiServer(
                                api.kubeconfig(), api.serviceAccount(), api.server(), api.nodeName(), options.events()),
                        specs.staticPods()),
                base.podResources(),
                base.refused());
    }

    /** Ends podslice and starts it again, with or without its state. */
    void restartPodslice(boolean keepingState) throws IOException {
        agent.close();
        if (!keepingState) {
            delete(folder.resolve("state"));
        }
        agent = newAgent();
    }

    /** Returns the pod as the kubelet of this node gets it. */
    PodManifest prepared(PodManifest pod) {
        return options.way().prepared(pod, cluster);
    }

    /** Returns a Guaranteed pod without annotation; "app" has exclusive CPUs, and "helper" shares the pod's others. */
    static PodManifest pod(String name, int cpus, int own) {
        return new PodManifest(
                name,
                "default",
                name + "-uid",
                Wants.guaranteed(Amounts.of(cpus, 2)),
                List.of(
                        new ContainerManifest("helper", Kind.SIDECAR, IMAGE, Wants.NONE),
                        new ContainerManifest("app", Kind.APP, IMAGE, Wants.guaranteed(Amounts.of(own, 1)))),
                Map.of());
    }

    /** Returns a pod that asks nothing of podslice. */
    static PodManifest plain(String name) {
        return new PodManifest(
                name,
                "default",
                name + "-uid",
                Wants.NONE,
                List.of(new ContainerManifest("app", Kind.APP, IMAGE, Wants.requested(new Amounts(100, 1 << 20)))),
                Map.of());
    }

    /** Returns the pod's "app" with GPUs. */
    static PodManifest withGpus(PodManifest pod, int gpus) {
        return pod.withContainers(pod.containers().stream()
                .map(container -> container.name().equals("app") ? container.withDevices(GPU, gpus) : container)
                .toList());
    }

    /** Returns the values of the pod's cgroup files and its containers', by names that do not depend on ids. */
    Map<String, String> reading(RunningPod pod) {
        Map<String, String> reading = new TreeMap<>();
        CgroupPath cgroup = kubelet.cgroup(pod.manifest());
        for (String file : FILES) {
            reading.put(file, kernel.read(cgroup, file));
            pod.containerIds()
                    .forEach((name, id) -> reading.put(name + "/" + file, kernel.read(cgroup.child(id), file)));
        }
        return reading;
    }

    /** Returns the CPUs of a container. */
    CpuSet cpus(RunningPod pod, String container) {
        return CpuSet.parse(
                kernel.read(kubelet.cgroup(pod.manifest()).child(pod.containerId(container)), "cpuset.cpus.effective"));
    }

    /** Returns the text of a file of the pod's cgroup. */
    String file(RunningPod pod, String file) {
        return kernel.read(kubelet.cgroup(pod.manifest()), file);
    }

    /** Returns the source of the pod's spec, as {@code podslice status} names it. */
    String specSource(RunningPod pod) {
        return shown(pod).getSpecSource();
    }

    /** Returns the pod as {@code podslice status} shows it. */
    Pod shown(RunningPod pod) {
        PodReference reference =
                PodReference.newBuilder().setUid(pod.manifest().uid()).build();
        return node().getPod(GetPodRequest.newBuilder().setPod(reference).build())
                .getPod();
    }

    /** Returns the state of the node as a whole. */
    StatusResponse status() {
        return node().status(StatusRequest.getDefaultInstance());
    }

    /** Returns the node API. */
    NodeGrpc.NodeBlockingStub node() {
        return NodeGrpc.newBlockingStub(api.channel()).withDeadlineAfter(20, TimeUnit.SECONDS);
    }

    /** Stops and removes a pod. */
    void end(RunningPod pod) {
        kubelet.stop(pod);
        kubelet.remove(pod);
    }

    @Override
    public void close() throws IOException {
        client.close();
        api.close();
        agent.close();
        cluster.close();
        runtime.close();
        delete(folder);
    }

    private static void delete(Path path) throws IOException {
        try (Stream<Path> files = Files.walk(path)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
