package io.podslice.integration.host;

import static org.awaitility.Awaitility.await;

import io.podslice.agent.Agent;
import io.podslice.agent.AgentParts;
import io.podslice.agent.config.Configuration;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.machine.Machine;
import io.podslice.integration.agent.AgentConfiguration;
import io.podslice.node.PlanListener;
import io.podslice.proto.cri.v1.ContainerConfig;
import io.podslice.proto.cri.v1.CreateContainerRequest;
import io.podslice.proto.cri.v1.ExecSyncRequest;
import io.podslice.proto.cri.v1.PodSandboxConfig;
import io.podslice.proto.cri.v1.RemovePodSandboxRequest;
import io.podslice.proto.cri.v1.RunPodSandboxRequest;
import io.podslice.proto.cri.v1.StartContainerRequest;
import io.podslice.simulator.cri.CriClient;
import io.podslice.simulator.kernel.SimulatedCgroups;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real containerd on this machine and podslice as its plugin. The cgroups of pods and above are simulated, since this
 * machine's need not be cgroup v2; the CPUs of containers are read from the kernel.
 */
final class NriHost {
    static final Duration TIMEOUT = Duration.ofSeconds(60);
    static final int CPUS = Runtime.getRuntime().availableProcessors();
    private static final Machine MACHINE = Machine.regular(1, 1, CPUS, 1, 8L << 30);

    final Path folder;
    private @Nullable HostContainerd running;
    private @Nullable CriClient client;
    private @Nullable Agent agent;
    final HostCgroups kernel;

    NriHost() throws IOException {
        // A short path: the path of a Unix socket in it may have at most 107 bytes.
        folder = Files.createTempDirectory("podslice");
        SimulatedCgroups tree = new SimulatedCgroups(MACHINE);
        // The kubelet's path.
        CgroupPath kubepods = new CgroupPath("/kubepods");
        for (CgroupPath path : List.of(kubepods, kubepods.child("burstable"), kubepods.child("besteffort"))) {
            tree.create(path);
            tree.write(path.parent().orElseThrow(), "cgroup.subtree_control", "+cpu +cpuset +memory");
        }
        kernel = new HostCgroups(tree);
    }

    void startContainerd(String version) throws IOException, InterruptedException {
        HostContainerd containerd = HostContainerd.start(folder.resolve("c"), version);
        running = containerd;
        client = new CriClient(containerd.socket(), TIMEOUT);
    }

    HostContainerd containerd() {
        return Objects.requireNonNull(running);
    }

    CriClient cri() {
        return Objects.requireNonNull(client);
    }

    /** Ends everything that was started. */
    void stop() throws IOException, InterruptedException {
        if (agent != null) {
            agent.close();
        }
        if (client != null) {
            client.close();
        }
        if (running != null) {
            running.stop();
        }
        kernel.stop();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    /** Starts podslice and waits until containerd has accepted it. */
    Agent startAgent() throws IOException {
        int before = synchronizations();
        Configuration base =
                AgentConfiguration.of(folder.resolve("cri.sock"), containerd().socket(), folder.resolve("state"));
        Configuration configuration =
                AgentConfiguration.withNri(base, containerd().nriSocket());
        Agent started = new Agent(configuration, new AgentParts(kernel, MACHINE, Clock.systemUTC(), PlanListener.NONE));
        agent = started;
        await().atMost(TIMEOUT).until(() -> synchronizations() > before);
        return started;
    }

    /**
     * Returns one more than the number of synchronizations that containerd has begun. From the beginning of one, no
     * pod or container is made before the plugin has answered.
     */
    int synchronizations() throws IOException {
        return containerd().log().split("Synchronizing NRI \\(plugin\\) with current runtime state", -1).length;
    }

    /** Returns a pod as crictl sends it, without the resources that a kubelet would have accounted for it. */
    private static PodSandboxConfig.Builder ofCrictl(String name) {
        PodSandboxConfig pod = LifeCycle.pod(name, "/kubepods/pod" + name);
        return pod.toBuilder().setLinux(pod.getLinux().toBuilder().clearResources());
    }

    /** Returns a pod whose container {@code db} has all its CPUs exclusively. */
    static PodSandboxConfig pod(String name, int cpus) {
        return ofCrictl(name)
                .putAnnotations("podslice.io/pod-spec", """
                        {"resources":{"requests":{"cpu":"%1$d","memory":"64Mi"},"limits":{"cpu":"%1$d","memory":"64Mi"}},
                         "containers":[{"name":"db","resources":{"requests":{"cpu":"%1$d","memory":"64Mi"},
                                                                 "limits":{"cpu":"%1$d","memory":"64Mi"}}}]}
                        """.formatted(cpus))
                .build();
    }

    /**
     * Returns a pod with one exclusive CPU, which all its containers share: {@code c0} and so on, at most as many as
     * given.
     */
    static PodSandboxConfig crowd(String name, int containers) {
        String all = IntStream.range(0, containers)
                .mapToObj(i -> "{\"name\":\"c" + i + "\"}")
                .collect(Collectors.joining(","));
        return ofCrictl(name)
                .putAnnotations("podslice.io/pod-spec", """
                        {"resources":{"requests":{"cpu":"1","memory":"1Gi"},"limits":{"cpu":"1","memory":"1Gi"}},
                         "containers":[%s]}
                        """.formatted(all))
                .build();
    }

    static String run(CriClient through, PodSandboxConfig pod) {
        return through.runtime()
                .runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(pod).build())
                .getPodSandboxId();
    }

    static String start(CriClient through, String sandbox, PodSandboxConfig pod, String name) {
        ContainerConfig config = LifeCycle.container(name);
        String id = through.runtime()
                .createContainer(CreateContainerRequest.newBuilder()
                        .setPodSandboxId(sandbox)
                        .setConfig(config)
                        .setSandboxConfig(pod)
                        .build())
                .getContainerId();
        var _ = through.runtime()
                .startContainer(
                        StartContainerRequest.newBuilder().setContainerId(id).build());
        return id;
    }

    /** Returns the CPUs on which the kernel lets a process of the container run. */
    String allowed(String container) {
        return cri().runtime()
                .execSync(ExecSyncRequest.newBuilder()
                        .setContainerId(container)
                        .addCmd("grep")
                        .addCmd("Cpus_allowed_list")
                        .addCmd("/proc/self/status")
                        .setTimeout(30)
                        .build())
                .getStdout()
                .toStringUtf8()
                .strip()
                .replaceAll(".*\\s", "");
    }

    void remove(String sandbox) {
        var _ = cri().runtime()
                .removePodSandbox(RemovePodSandboxRequest.newBuilder()
                        .setPodSandboxId(sandbox)
                        .build());
    }

    /** Returns the main process of a running container. */
    long pid(String container) throws IOException {
        Path file = folder.resolve("c/state/io.containerd.runtime.v2.task/k8s.io")
                .resolve(container)
                .resolve("init.pid");
        return Long.parseLong(Files.readString(file).strip());
    }

    /** Returns the CPUs on which the kernel lets a process run. */
    static String allowed(long pid) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                .filter(line -> line.startsWith("Cpus_allowed_list:"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElseThrow();
    }

    /** Tells if the kernel holds a running container to no CFS quota, with cgroup v1 or v2. */
    static boolean isWithoutQuota(String pod, String container) throws IOException {
        Path first = Path.of("/sys/fs/cgroup/cpu");
        String cgroup = "kubepods/pod" + pod + "/" + container;
        return Files.isDirectory(first)
                ? Files.readString(first.resolve(cgroup).resolve("cpu.cfs_quota_us"))
                        .strip()
                        .equals("-1")
                : Files.readString(Path.of("/sys/fs/cgroup").resolve(cgroup).resolve("cpu.max"))
                        .startsWith("max ");
    }

    /** Returns all CPUs, as the kernel lists them. */
    static String all() {
        return CPUS == 1 ? "0" : "0-" + (CPUS - 1);
    }
}
