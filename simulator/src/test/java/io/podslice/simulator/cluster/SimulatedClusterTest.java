package io.podslice.simulator.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.proto.core.v1.Pod;
import io.podslice.simulator.apiserver.ApiOptions;
import io.podslice.simulator.cri.CriClient;
import io.podslice.simulator.kernel.SimulatedCgroups;
import io.podslice.simulator.kubelet.Amounts;
import io.podslice.simulator.kubelet.ContainerManifest;
import io.podslice.simulator.kubelet.ContainerManifest.Kind;
import io.podslice.simulator.kubelet.KubeletDriver;
import io.podslice.simulator.kubelet.NodeSize;
import io.podslice.simulator.kubelet.PodCgroups;
import io.podslice.simulator.kubelet.PodManifest;
import io.podslice.simulator.kubelet.RejectedPodException;
import io.podslice.simulator.kubelet.RunningPod;
import io.podslice.simulator.kubelet.Wants;
import io.podslice.simulator.kubeletapi.DevicePlugin;
import io.podslice.simulator.kubeletapi.KubeletRelease;
import io.podslice.simulator.pods.StaticPods;
import io.podslice.simulator.runtime.PodUpdateSupport;
import io.podslice.simulator.runtime.SimulatedProcesses;
import io.podslice.simulator.runtime.SimulatedRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The cluster's side knows each pod before the runtime does, and follows it through its life. */
class SimulatedClusterTest {
    private static final String GPU = "example.com/gpu";

    @TempDir
    private Path folder;

    private final SimulatedCgroups kernel = new SimulatedCgroups(Machine.regular(2, 1, 2, 2, 8L << 30));
    private SimulatedRuntime runtime;
    private SimulatedCluster cluster;
    private CriClient client;
    private KubeletDriver kubelet;
    private final List<String> seen = new ArrayList<>();

    @BeforeEach
    void start() {
        runtime = new SimulatedRuntime(
                folder.resolve("cri.sock"),
                kernel,
                new SimulatedProcesses(kernel),
                PodUpdateSupport.UNIMPLEMENTED,
                InstantSource.system(),
                new Random(1));
        runtime.addImage("busybox");
        runtime.start();
        cluster = new SimulatedCluster(
                folder,
                "node-a",
                List.of(new DevicePlugin(GPU, Map.of("gpu-0", CpuSet.parse("1")))),
                KubeletRelease.V1_36,
                ApiOptions.DEFAULT);
        client = new CriClient(runtime.socket(), Duration.ofSeconds(20));
        kubelet = new KubeletDriver(
                client,
                kernel,
                new CgroupPath("/kubepods"),
                PodCgroups.BY_RUNTIME,
                new NodeSize(8, 16L << 30, List.of()),
                (method, subject, detail) -> look(method, subject),
                cluster);
        kubelet.prepareNode();
    }

    @AfterEach
    void stop() {
        client.close();
        cluster.close();
        runtime.close();
    }

    /** Notes the pods' generations in the kubelet and in the API server as they are at a call to the runtime. */
    private void look(String method, String subject) {
        StringBuilder line =
                new StringBuilder(method).append(' ').append(subject).append(": kubelet");
        cluster.pods()
                .all()
                .forEach(pod -> line.append(' ').append(pod.getMetadata().getGeneration()));
        line.append(", api");
        cluster.apiServer()
                .store()
                .get("default", "web")
                .ifPresent(pod -> line.append(' ').append(pod.getMetadata().getGeneration()));
        seen.add(line.toString());
    }

    private static PodManifest pod(String name) {
        return new PodManifest(
                name,
                "default",
                name + "-uid",
                Wants.guaranteed(Amounts.of(2, 1)),
                List.of(new ContainerManifest("app", Kind.APP, "busybox", Wants.NONE).withDevices(GPU, 1)),
                Map.of());
    }

    private Pod apiPod(String name) {
        return cluster.apiServer().store().get("default", name).orElseThrow();
    }

    @Test
    void podIsKnownBeforeItsSandboxAndAResizeRaisesItsGeneration() {
        RunningPod running = kubelet.run(pod("web"));
        assertThat(seen)
                .containsExactly(
                        "RunPodSandbox web: kubelet 1, api 1",
                        "CreateContainer web/app: kubelet 1, api 1",
                        "StartContainer web/app: kubelet 1, api 1");
        assertThat(running.manifest().annotations()).containsEntry(StaticPods.SOURCE, "api");
        assertThat(apiPod("web").getMetadata().getAnnotationsMap()).isEmpty();
        assertThat(apiPod("web").getStatus().getPhase()).isEqualTo("Running");
        seen.clear();

        running = kubelet.resize(running, running.manifest().resizedTo(Wants.guaranteed(Amounts.of(3, 1))));
        assertThat(seen).first().isEqualTo("UpdatePodSandboxResources web: kubelet 2, api 2");
        assertThat(apiPod("web")
                        .getSpec()
                        .getResources()
                        .getLimitsOrThrow("cpu")
                        .getString())
                .isEqualTo("3");
        assertThat(cluster.pods().record("web-uid").orElseThrow().isResizePending())
                .isFalse();

        kubelet.stop(running);
        assertThat(apiPod("web").getStatus().getPhase()).isEqualTo("Succeeded");
        kubelet.remove(running);
        assertThat(cluster.pods().all()).isEmpty();
        assertThat(cluster.apiServer().store().get("default", "web")).isEmpty();
    }

    @Test
    void podWithoutItsDevicesNeverReachesTheRuntime() {
        RunningPod first = kubelet.run(pod("web"));
        seen.clear();
        assertThatThrownBy(() -> kubelet.run(pod("other")))
                .isInstanceOf(RejectedPodException.class)
                .hasMessageContaining("requested number of devices unavailable");
        assertThat(seen).isEmpty();
        assertThat(apiPod("other").getStatus().getPhase()).isEqualTo("Failed");
        assertThat(apiPod("other").getStatus().getReason()).isEqualTo("UnexpectedAdmissionError");
        kubelet.stop(first);
        kubelet.remove(first);
        kubelet.run(pod("third"));
    }

    @Test
    void podThatHasFailedInTheApiIsGivenUp() {
        cluster.bind(pod("web"));
        cluster.apiServer()
                .store()
                .change(
                        "default",
                        "web",
                        bound -> bound.toBuilder()
                                .setStatus(bound.getStatus().toBuilder()
                                        .setPhase("Failed")
                                        .setReason("TopologyAffinityError"))
                                .build());
        assertThatThrownBy(() -> kubelet.run(pod("web"))).isInstanceOf(RejectedPodException.class);
        assertThat(seen).isEmpty();
    }

    @Test
    void staticPodHasAnotherNameAndAMirrorWithAnotherUid() throws IOException {
        PodManifest pod = cluster.putStatic(pod("etcd"));
        assertThat(Files.readString(cluster.manifests().resolve("etcd.yaml")))
                .contains("name: etcd\n", "    limits:\n      cpu: \"2\"\n      memory: 1Gi\n", GPU + ": \"1\"");
        kubelet.run(pod);
        assertThat(pod.name()).isEqualTo("etcd-node-a");
        assertThat(pod.uid()).matches("[0-9a-f]{32}");
        Pod mirror = apiPod("etcd-node-a");
        assertThat(mirror.getMetadata().getUid()).isNotEqualTo(pod.uid());
        assertThat(mirror.getMetadata().getAnnotationsMap())
                .containsEntry(StaticPods.MIRROR, pod.uid())
                .containsEntry(StaticPods.HASH, pod.uid());
    }

    @Test
    void credentialsAreInFilesAsOnARealNode() throws IOException {
        cluster.apiServer().start();
        Instant now = Instant.now();
        cluster.credentials().writeKubeconfig(now, now.plusSeconds(60));
        cluster.credentials().writeServiceAccount("t0");
        assertThat(Files.readString(cluster.credentials().kubeconfig()))
                .contains("server: " + cluster.apiServer().uri(), "kubelet-client-current.pem");
        assertThat(cluster.credentials().serviceAccount().resolve("token")).hasContent("t0");
        assertThat(Files.readString(cluster.credentials().serviceAccount().resolve("ca.crt")))
                .startsWith("-----BEGIN CERTIFICATE-----");
    }
}
