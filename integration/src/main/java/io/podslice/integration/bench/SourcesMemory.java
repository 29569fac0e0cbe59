package io.podslice.integration.bench;

import io.podslice.integration.bench.ProxyResult.Figure;
import io.podslice.node.PodSandboxRequest;
import io.podslice.proto.cri.v1.LinuxContainerResources;
import io.podslice.proto.cri.v1.LinuxPodSandboxConfig;
import io.podslice.proto.cri.v1.PodSandboxConfig;
import io.podslice.proto.cri.v1.PodSandboxMetadata;
import io.podslice.proto.cri.v1.RunPodSandboxRequest;
import io.podslice.simulator.apiserver.ApiOptions;
import io.podslice.simulator.cluster.SimulatedCluster;
import io.podslice.simulator.cri.CriClient;
import io.podslice.simulator.kubeletapi.KubeletRelease;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Measures what an idle podslice has resident with each source of pods' specs, beyond one without: it watches a node's pods,
 * and has looked some up. Each runs in a process of its own, with the flags of {@code serve}, on a simulated kernel; a
 * simulated kubelet and API server are in this process.
 */
final class SourcesMemory {
    static final double TARGET_PODS_API_MEBIBYTES = 8;
    static final double TARGET_API_SERVER_MEBIBYTES = 40;

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /**
     * @param pods the pods that the source holds
     * @param lookups the pods whose sandboxes are asked for
     * @param rest the time given to the JVM to return what it has freed
     */
    record Size(int pods, int lookups, Duration rest) {}

    private record Kind(
            String name, String configuration, @Nullable Double target) {}

    private final Programs programs;
    private final List<String> flags;
    private final Size size;
    private final Consumer<String> progress;

    /**
     * @param flags the JVM's flags of {@code serve}
     * @param progress hears of each step, for a person who waits
     */
    SourcesMemory(Programs programs, List<String> flags, Size size, Consumer<String> progress) {
        this.programs = programs;
        this.flags = flags;
        this.size = size;
        this.progress = progress;
    }

    List<Figure> run() throws IOException {
        Path folder = Files.createDirectory(programs.folder().resolve("c"));
        SourcePods pods = new SourcePods(false);
        List<Figure> figures = new ArrayList<>();
        try (SimulatedCluster cluster =
                        new SimulatedCluster(folder, "bench", List.of(), KubeletRelease.V1_37, ApiOptions.DEFAULT);
                Peer runtime = programs.runtime()) {
            cluster.podsApi().start();
            cluster.podResources().start();
            cluster.apiServer().start();
            Instant now = Instant.now();
            cluster.credentials().writeKubeconfig(now.minusSeconds(60), now.plus(Duration.ofHours(1)));
            for (int i = 0; i < size.pods(); i++) {
                cluster.admit(pods.manifest(name(i), false));
            }
            progress.accept("in front of " + runtime.socket());
            double without = 0;
            for (Kind kind : kinds(cluster)) {
                double resident = resident(kind, pods, figures);
                if (kind.target() == null) {
                    without = resident;
                } else {
                    figures.add(new Figure("more with " + kind.name(), resident - without, "MiB", kind.target()));
                }
            }
        }
        return figures;
    }

    private static List<Kind> kinds(SimulatedCluster cluster) {
        return List.of(
                new Kind("no source", "podSpecs: {source: annotation}\npodResources: \"\"", null),
                new Kind(
                        "Pods API",
                        "podSpecs: {source: podsAPI, podsAPI: \"unix://%s\"}%npodResources: \"unix://%s\""
                                .formatted(
                                        cluster.podsApi().socket(),
                                        cluster.podResources().socket()),
                        TARGET_PODS_API_MEBIBYTES),
                new Kind(
                        "API server",
                        "podSpecs: {source: apiServer, apiServer: {kubeconfig: %s}}%npodResources: \"\""
                                .formatted(cluster.credentials().kubeconfig()),
                        TARGET_API_SERVER_MEBIBYTES));
    }

    private double resident(Kind kind, SourcePods pods, List<Figure> figures) throws IOException {
        progress.accept(kind.name());
        try (Peer podslice = programs.simulatedServe(kind.configuration(), flags)) {
            rest();
            try (CriClient client = new CriClient(podslice.socket(), PATIENCE)) {
                for (int i = 0; i < size.lookups(); i++) {
                    var _ = client.runtime().runPodSandbox(request(pods.sandbox(name(i), false)));
                }
            }
            rest();
            double resident = podslice.mebibytes("VmRSS");
            figures.add(new Figure("resident with " + kind.name(), resident, "MiB", null));
            figures.add(new Figure("of it anonymous", podslice.mebibytes("RssAnon"), "MiB", null));
            return resident;
        }
    }

    private static String name(int number) {
        return "stays-" + number;
    }

    /** Returns a pod as it comes by CRI. */
    static RunPodSandboxRequest request(PodSandboxRequest pod) {
        return RunPodSandboxRequest.newBuilder()
                .setConfig(PodSandboxConfig.newBuilder()
                        .setMetadata(PodSandboxMetadata.newBuilder()
                                .setName(pod.name())
                                .setNamespace(pod.namespace())
                                .setUid(pod.uid()))
                        .putAllAnnotations(pod.annotations())
                        .setLinux(LinuxPodSandboxConfig.newBuilder()
                                .setCgroupParent(pod.cgroupParent())
                                .setResources(LinuxContainerResources.newBuilder()
                                        .setCpuShares(pod.resources().cpuShares())
                                        .setCpuQuota(pod.resources().cpuQuotaMicros())
                                        .setCpuPeriod(pod.resources().cpuPeriodMicros())
                                        .setMemoryLimitInBytes(pod.resources().memoryLimitBytes()))))
                .build();
    }

    private void rest() {
        LockSupport.parkNanos(size.rest().toNanos());
    }
}
