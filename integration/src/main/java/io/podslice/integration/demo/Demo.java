package io.podslice.integration.demo;

import io.podslice.agent.Agent;
import io.podslice.agent.AgentParts;
import io.podslice.agent.config.Configuration;
import io.podslice.cgroups.CgroupDriver;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.integration.agent.AgentConfiguration;
import io.podslice.node.PlanListener;
import io.podslice.simulator.apiserver.ApiOptions;
import io.podslice.simulator.cluster.SimulatedCluster;
import io.podslice.simulator.cri.CriClient;
import io.podslice.simulator.journal.Actor;
import io.podslice.simulator.journal.Deed;
import io.podslice.simulator.journal.Journal;
import io.podslice.simulator.kernel.SimulatedCgroups;
import io.podslice.simulator.kubelet.KubeletDriver;
import io.podslice.simulator.kubelet.NodeSize;
import io.podslice.simulator.kubelet.PodCgroups;
import io.podslice.simulator.kubelet.PodManifest;
import io.podslice.simulator.kubelet.Qos;
import io.podslice.simulator.kubelet.RunningPod;
import io.podslice.simulator.kubeletapi.DevicePlugin;
import io.podslice.simulator.kubeletapi.KubeletRelease;
import io.podslice.simulator.runtime.PodUpdateSupport;
import io.podslice.simulator.runtime.SimulatedProcesses;
import io.podslice.simulator.runtime.SimulatedRuntime;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Runs the demo's pods on a simulated node, first on the runtime alone and then with podslice before it, resizes one,
 * and reads the cgroup files each time.
 */
final class Demo {
    private static final Duration TIMEOUT = Duration.ofSeconds(20);
    private static final long MEMORY_PER_NUMA_NODE = 64L << 30;

    /** The GPU's resource, and the NUMA node that it is local to. */
    private static final String GPU = "example.com/gpu";

    private static final int GPU_NODE = 1;
    private static final String NODE_NAME = "demo-node";

    private final Path folder;
    private final @Nullable Path keep;
    private final @Nullable DemoPage page;
    private final DemoSource source;
    private final CgroupDriver driver;
    private final DemoCgroups cgroups;
    private final Machine machine;
    private final SimulatedCgroups kernel;
    private final Journal journal = new Journal();
    private final Checks checks;

    /**
     * Prepares the demo; no process or socket exists yet.
     *
     * @param folder an empty folder for sockets and state; its path must be short
     * @param keep the folder into which the cgroup tree is copied while the pods run; null for no copy
     * @param page the node's page, looked at while the pods run; null for none
     * @param source the source of the pods' specs
     * @param driver the cgroup driver of kubelet and runtime
     */
    Demo(Path folder, @Nullable Path keep, @Nullable DemoPage page, DemoSource source, CgroupDriver driver) {
        this.folder = folder;
        this.keep = keep;
        this.page = page;
        this.source = source;
        this.driver = driver;
        this.machine = Machine.regular(2, 1, 8, 2, MEMORY_PER_NUMA_NODE);
        this.kernel = new SimulatedCgroups(machine);
        this.checks = new Checks(machine);
        this.cgroups = DemoCgroups.of(driver, kernel, journal, machine.cpuSet());
    }

    DemoResult run() {
        try (SimulatedCluster cluster = new SimulatedCluster(
                        folder, NODE_NAME, List.of(gpu()), KubeletRelease.V1_37, ApiOptions.DEFAULT);
                SimulatedRuntime runtime = new SimulatedRuntime(
                        folder.resolve("runtime.sock"),
                        cgroups.of(Actor.RUNTIME),
                        new SimulatedProcesses(kernel),
                        PodUpdateSupport.UNIMPLEMENTED,
                        InstantSource.system(),
                        new Random())) {
            runtime.addImage(DemoPods.IMAGE);
            runtime.start();
            cluster.podResources().start();
            source.open(cluster);
            List<PodManifest> pods = DemoPods.all().stream()
                    .map(pod -> source.prepared(pod, cluster))
                    .toList();
            List<PodView> before = onTheRuntimeAlone(runtime.socket(), cluster, pods);
            Path shim = folder.resolve("cri.sock");
            Configuration configuration = AgentConfiguration.of(shim, runtime.socket(), folder.resolve("state"))
                    .with(source.configuration(cluster));
            if (page != null) {
                configuration = AgentConfiguration.withPage(configuration, page.address());
            }
            AgentParts parts = cgroups.parts(
                    new AgentParts(journal.of(Actor.PODSLICE, kernel), machine, Clock.systemUTC(), PlanListener.NONE));
            try (Agent agent = new Agent(configuration, parts);
                    CriClient client = new CriClient(shim, TIMEOUT)) {
                return withPodslice(agent, cluster, before, kubelet(client, cluster), pods);
            }
        }
    }

    private static DevicePlugin gpu() {
        return new DevicePlugin(GPU, Map.of("gpu-0", CpuSet.of(GPU_NODE)));
    }

    private KubeletDriver kubelet(CriClient client, SimulatedCluster cluster) {
        KubeletDriver kubelet = new KubeletDriver(
                client,
                cgroups.of(Actor.KUBELET),
                cgroups.kubepods(),
                PodCgroups.BY_RUNTIME,
                new NodeSize(machine.cpus().size(), machine.memoryBytes(), List.of()),
                (method, subject, detail) -> journal.note(new Deed.Call(Actor.KUBELET, method, subject, detail)),
                cluster);
        kubelet.prepareNode();
        return kubelet;
    }

    private List<PodView> onTheRuntimeAlone(Path socket, SimulatedCluster cluster, List<PodManifest> pods) {
        try (CriClient client = new CriClient(socket, TIMEOUT)) {
            KubeletDriver kubelet = kubelet(client, cluster);
            List<RunningPod> running = startAll(kubelet, pods);
            List<PodView> views = read(kubelet, running);
            removeAll(kubelet, running);
            return views;
        }
    }

    private static List<RunningPod> startAll(KubeletDriver kubelet, List<PodManifest> pods) {
        List<RunningPod> running = new ArrayList<>();
        for (PodManifest pod : pods) {
            running.add(kubelet.run(pod));
        }
        return running;
    }

    private static void removeAll(KubeletDriver kubelet, List<RunningPod> running) {
        for (RunningPod pod : running) {
            kubelet.stop(pod);
            kubelet.remove(pod);
        }
    }

    private DemoResult withPodslice(
            Agent agent,
            SimulatedCluster cluster,
            List<PodView> before,
            KubeletDriver kubelet,
            List<PodManifest> pods) {
        List<RunningPod> running = startAll(kubelet, pods);
        List<PodView> started = read(kubelet, running);
        checkAll(started);

        int mark = journal.size();
        RunningPod grown = running.removeLast();
        grown = kubelet.resize(grown, grown.manifest().resizedTo(DemoPods.grown()));
        running.add(grown);
        List<Deed> steps = journal.since(mark).stream().filter(Demo::matters).toList();

        List<PodView> resized = read(kubelet, running);
        checkAll(resized);
        CpuSet had = started.getLast().cpus();
        CpuSet has = resized.getLast().cpus();
        checks.check("the resized pod keeps the CPUs it had", has.containsAll(had), had + ", then " + has);
        checks.order(resized.getLast(), has.minus(had), steps);
        CpuSet others = classes();
        if (keep != null) {
            KeptTree.write(kernel, keep);
        }
        if (page != null) {
            page.show(kubelet, running.getFirst(), pod -> source.prepared(pod, cluster), agent.pagePort());
        }

        removeAll(kubelet, running);
        checks.returned(
                kernel.children(cgroups.kubepods()).stream()
                        .filter(cgroups::isPod)
                        .toList(),
                classes(),
                cgroups.kubepods());
        return new DemoResult(machine, source, driver, before, started, resized, others, steps, checks.done());
    }

    /** Returns true for calls, and for writes that changed a file's text. */
    private static boolean matters(Deed deed) {
        return !(deed instanceof Deed.Write write && write.before().equals(write.after()));
    }

    private void checkAll(List<PodView> pods) {
        CpuSet classes = classes();
        for (PodView pod : pods) {
            checks.pod(
                    pod,
                    pods.stream()
                            .filter(other -> !other.name().equals(pod.name()))
                            .toList(),
                    classes);
            if (pod.usesDevices()) {
                checks.beside(pod, GPU, GPU_NODE);
            }
        }
    }

    /** Returns the CPUs on which the pods of the Burstable and BestEffort classes may run. */
    private CpuSet classes() {
        return Reading.of(kernel, Qos.BURSTABLE.cgroup(cgroups.kubepods()))
                .cpus()
                .union(Reading.of(kernel, Qos.BEST_EFFORT.cgroup(cgroups.kubepods()))
                        .cpus());
    }

    private List<PodView> read(KubeletDriver kubelet, List<RunningPod> running) {
        return running.stream().map(pod -> read(kubelet, pod)).toList();
    }

    private PodView read(KubeletDriver kubelet, RunningPod pod) {
        CgroupPath cgroup = kubelet.cgroup(pod.manifest());
        return new PodView(
                pod.manifest(),
                Reading.of(kernel, cgroup),
                pod.manifest().containers().stream()
                        .map(container -> {
                            CgroupPath own = cgroups.container(cgroup, pod.containerId(container.name()));
                            int process = Integer.parseInt(kernel.read(own, "cgroup.procs"));
                            return new PodView.ContainerView(
                                    container, Reading.of(kernel, own), kernel.cpusAllowed(process));
                        })
                        .toList());
    }
}
