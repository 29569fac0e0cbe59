package io.podslice.integration.page;

import io.podslice.agent.Agent;
import io.podslice.agent.AgentParts;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.integration.agent.AgentConfiguration;
import io.podslice.node.PlanListener;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A simulated node of any size, with podslice and its page. */
final class PageNode implements AutoCloseable {
    private static final CgroupPath KUBEPODS = new CgroupPath("/kubepods");

    final KubeletDriver kubelet;
    final List<RunningPod> pods = new ArrayList<>();
    private final Path folder;
    private final SimulatedCgroups kernel;
    private final SimulatedRuntime runtime;
    private final Agent agent;
    private final CriClient client;

    PageNode(Machine machine) throws IOException {
        // A short path: the path of a Unix socket in it may have at most 107 bytes.
        folder = Files.createTempDirectory("page");
        kernel = new SimulatedCgroups(machine);
        Path behind = folder.resolve("runtime.sock");
        runtime = new SimulatedRuntime(
                behind,
                kernel,
                new SimulatedProcesses(kernel),
                PodUpdateSupport.UNIMPLEMENTED,
                InstantSource.system(),
                new Random(1));
        runtime.addImage("busybox");
        runtime.start();
        agent = new Agent(
                AgentConfiguration.withPage(
                        AgentConfiguration.of(folder.resolve("cri.sock"), behind, folder.resolve("state")),
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                new AgentParts(kernel, machine, Clock.systemUTC(), PlanListener.NONE));
        client = new CriClient(folder.resolve("cri.sock"), Duration.ofSeconds(20));
        kubelet = new KubeletDriver(
                client,
                kernel,
                KUBEPODS,
                PodCgroups.BY_RUNTIME,
                new NodeSize(machine.cpus().size(), machine.memoryBytes(), List.of()),
                CallLog.NONE);
        kubelet.prepareNode();
    }

    /** Returns the page's address. */
    URI page() {
        return URI.create("http://localhost:" + agent.pagePort() + "/");
    }

    /** Runs a Guaranteed pod; its container "app" has exclusive CPUs, "helper" shares the pod's others. */
    RunningPod run(String name, int cpus, int own) {
        RunningPod pod = kubelet.run(PodSpecAnnotation.on(new PodManifest(
                name,
                "default",
                name + "-uid",
                Wants.guaranteed(Amounts.of(cpus, 2)),
                List.of(
                        new ContainerManifest(
                                "app", ContainerManifest.Kind.APP, "busybox", Wants.guaranteed(Amounts.of(own, 1))),
                        new ContainerManifest("helper", ContainerManifest.Kind.SIDECAR, "busybox", Wants.NONE)),
                Map.of())));
        pods.add(pod);
        return pod;
    }

    /** Runs a pod in the node shared pool. */
    void runShared(String name) {
        kubelet.run(new PodManifest(
                name,
                "default",
                name + "-uid",
                Wants.NONE,
                List.of(new ContainerManifest(
                        "web", ContainerManifest.Kind.APP, "busybox", Wants.requested(new Amounts(100, 64L << 20)))),
                Map.of()));
    }

    /** Resizes a pod, and its container "app", while it runs. */
    void resize(RunningPod pod, int cpus, int own) {
        PodManifest to = pod.manifest()
                .resizedTo(Wants.guaranteed(Amounts.of(cpus, 2)))
                .withContainers(List.of(
                        pod.manifest().container("app").resizedTo(Wants.guaranteed(Amounts.of(own, 1))),
                        pod.manifest().container("helper")));
        pods.remove(pod);
        pods.add(kubelet.resize(pod, to));
    }

    /** Returns the use of each CPU by the cgroup files, with the pod's name. */
    Map<Integer, String> files() {
        Map<Integer, String> uses = new TreeMap<>();
        effective(KUBEPODS.child("besteffort")).forEach(cpu -> uses.put(cpu, "nodeShared "));
        for (RunningPod pod : pods) {
            CgroupPath cgroup = kubelet.cgroup(pod.manifest());
            String name = " default/" + pod.manifest().name();
            put(uses, cgroup.child(pod.containerId("app")), "exclusive" + name);
            put(uses, cgroup.child(pod.containerId("helper")), "podShared" + name);
        }
        return uses;
    }

    private void put(Map<Integer, String> uses, CgroupPath cgroup, String use) {
        effective(cgroup).forEach(cpu -> {
            String before = uses.put(cpu, use);
            if (before != null) {
                throw new AssertionError("CPU " + cpu + ": " + before + ", and " + use);
            }
        });
    }

    private CpuSet effective(CgroupPath cgroup) {
        return CpuSet.parse(kernel.read(cgroup, "cpuset.cpus.effective"));
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
