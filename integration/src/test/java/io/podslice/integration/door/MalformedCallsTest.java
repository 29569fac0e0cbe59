package io.podslice.integration.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.podslice.proto.cri.v1.ContainerConfig;
import io.podslice.proto.cri.v1.ContainerMetadata;
import io.podslice.proto.cri.v1.CreateContainerRequest;
import io.podslice.proto.cri.v1.LinuxPodSandboxConfig;
import io.podslice.proto.cri.v1.ListContainersRequest;
import io.podslice.proto.cri.v1.ListPodSandboxRequest;
import io.podslice.proto.cri.v1.PodSandboxConfig;
import io.podslice.proto.cri.v1.PodSandboxMetadata;
import io.podslice.proto.cri.v1.RunPodSandboxRequest;
import io.podslice.simulator.kubelet.PodManifest;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The refusal of a request that cannot be understood; the runtime and other pods see nothing of the request. */
class MalformedCallsTest {
    private static final String PARENT = "/kubepods/poddb-uid";

    private DoorFixture node;

    @BeforeEach
    void start() throws IOException {
        node = new DoorFixture();
    }

    @AfterEach
    void stop() throws IOException {
        node.close();
    }

    static RunPodSandboxRequest run(PodManifest pod) {
        return run(pod.uid(), "/kubepods/pod" + pod.uid(), pod.annotations());
    }

    private static RunPodSandboxRequest run(String uid, String cgroupParent, Map<String, String> annotations) {
        return RunPodSandboxRequest.newBuilder()
                .setConfig(PodSandboxConfig.newBuilder()
                        .setMetadata(PodSandboxMetadata.newBuilder()
                                .setName("db")
                                .setNamespace("default")
                                .setUid(uid))
                        .putAllAnnotations(annotations)
                        .setLinux(LinuxPodSandboxConfig.newBuilder().setCgroupParent(cgroupParent)))
                .build();
    }

    /** Returns the annotations of a valid pod with one of them changed. */
    private static Map<String, String> annotations(String key, String value) {
        Map<String, String> annotations =
                new HashMap<>(DoorFixture.pod("db", 6, 4).annotations());
        annotations.put(key, value);
        return annotations;
    }

    private static String spec(String from, String to) {
        String good = DoorFixture.pod("db", 6, 4).annotations().getOrDefault("podslice.io/pod-spec", "");
        assertThat(good).contains(from);
        return good.replace(from, to);
    }

    static Stream<Arguments> pods() {
        return Stream.of(
                arguments(
                        "db-uid",
                        PARENT,
                        annotations("podslice.io/pod-spec", "{\"resources\":"),
                        "InvalidPodSpec: podslice.io/pod-spec: Invalid value: "),
                arguments(
                        "db-uid",
                        PARENT,
                        annotations("podslice.io/pod-spec", spec("\"2Gi\"", "\"2Gib\"")),
                        "InvalidPodSpec: podslice.io/pod-spec: resources.requests[memory]: Invalid value: \"2Gib\": "),
                arguments(
                        "db-uid",
                        PARENT,
                        annotations("podslice.io/pod-spec", spec("\"cpu\":\"4\"", "\"cpu\":\"four\"")),
                        "InvalidPodSpec: podslice.io/pod-spec: containers[0].resources.requests[cpu]: Invalid value:"
                                + " \"four\": "),
                arguments(
                        "db-uid",
                        PARENT,
                        annotations("podslice.io/exclusive.app", "perhaps"),
                        "InvalidPodSpec: podslice.io/exclusive.app: Invalid value: \"perhaps\": must be \"true\" or"
                                + " \"false\""),
                arguments("", PARENT, annotations("a", "b"), "InvalidPodSpec: metadata.uid: Required value"),
                arguments(
                        "db-uid", "", annotations("a", "b"), "InvalidCgroupParent: linux.cgroup_parent \"\" is empty"),
                arguments(
                        "db-uid",
                        "/kubepods/../poddb",
                        annotations("a", "b"),
                        "InvalidCgroupParent: linux.cgroup_parent \"/kubepods/../poddb\" is not a plain path"),
                arguments(
                        "db-uid",
                        "/kubepods/pod\u00e4\u0007",
                        annotations("a", "b"),
                        "InvalidCgroupParent: linux.cgroup_parent \"/kubepods/pod\u00e4"),
                arguments(
                        "db-uid",
                        "kubepods-poddb.slice",
                        annotations("a", "b"),
                        "InvalidCgroupParent: linux.cgroup_parent \"kubepods-poddb.slice\" is a systemd slice"));
    }

    @ParameterizedTest
    @MethodSource("pods")
    void aPodIsRefusedWithFieldAndValue(
            String uid, String cgroupParent, Map<String, String> annotations, String message) {
        expectRefused(() -> node.client.runtime().runPodSandbox(run(uid, cgroupParent, annotations)), message);
    }

    private void expectRefused(Runnable call, String message) {
        assertThatThrownBy(call::run).isInstanceOfSatisfying(StatusRuntimeException.class, e -> {
            assertThat(e.getStatus().getCode()).isEqualTo(Code.INVALID_ARGUMENT);
            assertThat(e.getStatus().getDescription()).startsWith(message);
        });
        var runtime = node.client.runtime();
        assertThat(runtime.listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                        .getItemsList())
                .isEmpty();
        assertThat(runtime.listContainers(ListContainersRequest.getDefaultInstance())
                        .getContainersList())
                .isEmpty();
        assertThat(node.kernel.children(DoorFixture.KUBEPODS)).containsExactlyInAnyOrder("burstable", "besteffort");
        assertThat(node.others()).isEqualTo(DoorFixture.ALL);
    }

    /** A pod that was there before podslice: its annotations come with its containers. */
    @Test
    void aContainerOfAMalformedPodIsRefusedToo() {
        CreateContainerRequest request = CreateContainerRequest.newBuilder()
                .setPodSandboxId("from-before")
                .setConfig(ContainerConfig.newBuilder()
                        .setMetadata(ContainerMetadata.newBuilder().setName("app")))
                .setSandboxConfig(run("db-uid", PARENT, annotations("podslice.io/pod-spec", "[]"))
                        .getConfig())
                .build();
        expectRefused(
                () -> node.client.runtime().createContainer(request),
                "InvalidPodSpec: podslice.io/pod-spec: Invalid value: ");
    }
}
