package io.podslice.integration.cluster;

import static io.podslice.integration.cluster.SourceFault.kubelet;
import static io.podslice.integration.cluster.SourceFault.kubeletSends;
import static io.podslice.integration.cluster.SourceFault.pod;
import static io.podslice.integration.cluster.SourceFault.row;
import static io.podslice.integration.cluster.SourceFault.server;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.podslice.cgroups.CpuSet;
import io.podslice.proto.core.v1.Container;
import io.podslice.proto.core.v1.Pod;
import io.podslice.proto.core.v1.Quantity;
import io.podslice.simulator.apiserver.ApiFault;
import io.podslice.simulator.apiserver.ApiFault.Request;
import io.podslice.simulator.apiserver.ApiOptions;
import io.podslice.simulator.apiserver.CertificateAuthority;
import io.podslice.simulator.kubelet.RunningPod;
import io.podslice.simulator.kubeletapi.KubeletFault;
import io.podslice.simulator.kubeletapi.KubeletRelease;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Faults of the sources, over the whole path. With each of them a pod that asks nothing of podslice starts; one with
 * pod-level resources has exactly the budget that the kubelet accounted for, from the best source that is left; and no CPU
 * is given twice.
 */
class SourceFaultTableTest {
    private static final ByteString GARBAGE = ByteString.copyFrom(new byte[] {(byte) 0xFF, 1, 2, 3, (byte) 0x80});

    private static KubeletFault refuse(Status status) {
        return new KubeletFault.Refuse(status);
    }

    private static ApiFault refuse(int code, String reason) {
        return new ApiFault.Refuse(code, reason, "refused");
    }

    static Stream<SourceFault> faults() {
        return Stream.of(podsApi(), lies(), order(), apiServer(), credentials(), staticPods(), devices())
                .flatMap(List::stream);
    }

    private static List<SourceFault> podsApi() {
        return List.of(
                row("nothing", Way.PODS_API, "podsAPI", node -> {}),
                row("pod unknown", Way.PODS_API, "cri", kubelet("GetPod", refuse(Status.NOT_FOUND))),
                row("unavailable", Way.PODS_API, "cri", kubelet("GetPod", refuse(Status.UNAVAILABLE))),
                row("internal error", Way.PODS_API, "cri", kubelet("GetPod", refuse(Status.INTERNAL))),
                row("no permission", Way.PODS_API, "cri", kubelet("GetPod", refuse(Status.PERMISSION_DENIED))),
                row(
                        "sources not read",
                        Way.PODS_API,
                        "cri",
                        node -> node.cluster.pods().restart()),
                row("gate off", Way.PODS_API, "cri", node -> {})
                        .on(options -> options.with(KubeletRelease.V1_37_GATE_OFF)),
                row("hangs", Way.PODS_API, "cri", kubelet("GetPod", new KubeletFault.Hang())),
                row(
                        "late, in time",
                        Way.PODS_API,
                        "podsAPI",
                        kubelet("GetPod", new KubeletFault.Late(Duration.ofMillis(200)))),
                row("too late", Way.PODS_API, "cri", kubelet("GetPod", new KubeletFault.Late(Duration.ofSeconds(20)))),
                row(
                        "socket gone",
                        Way.PODS_API,
                        "cri",
                        node -> node.cluster.podsApi().die()),
                row("kubelet started anew", Way.PODS_API, "podsAPI", node -> {
                    node.cluster.restartKubelet();
                    node.cluster.pods().readAll();
                }),
                row("kubelet of 1.36 started anew", Way.PODS_API, "podsAPI", node -> node.cluster.restartKubelet())
                        .on(options -> options.with(KubeletRelease.V1_36)),
                row("socket is a file", Way.PODS_API, "cri", node -> {
                    node.cluster.podsApi().die();
                    Files.writeString(node.cluster.podsApi().socket(), "");
                }),
                row("watch refused", Way.PODS_API, "podsAPI", kubelet("WatchPods", refuse(Status.INTERNAL))),
                row("watch hangs", Way.PODS_API, "podsAPI", kubelet("WatchPods", new KubeletFault.Hang())),
                row("watch silent", Way.PODS_API, "podsAPI", kubelet("WatchPods", new KubeletFault.SilentAfter(1))),
                row(
                        "watch cut each time",
                        Way.PODS_API,
                        "podsAPI",
                        kubelet("WatchPods", new KubeletFault.CutAfter(1, Status.RESOURCE_EXHAUSTED))),
                row(
                        "watch is garbage",
                        Way.PODS_API,
                        "podsAPI",
                        kubelet("WatchPods", new KubeletFault.Alter(bytes -> GARBAGE))));
    }

    private static List<SourceFault> lies() {
        return List.of(
                row("no bytes", Way.PODS_API, "cri", kubeletSends(bytes -> ByteString.EMPTY)),
                row("garbage", Way.PODS_API, "cri", kubeletSends(bytes -> GARBAGE)),
                row("half a pod", Way.PODS_API, "cri", kubeletSends(bytes -> bytes.substring(0, bytes.size() / 2))),
                row("another pod", Way.PODS_API, "cri", kubeletSends(pod(pod -> {
                    var other = pod.getMetadata().toBuilder().setUid("other-uid");
                    return pod.toBuilder().setMetadata(other).build();
                }))),
                row("a pod of another name", Way.PODS_API, "cri", kubeletSends(pod(pod -> {
                    var other = pod.getMetadata().toBuilder().setName("other");
                    return pod.toBuilder().setMetadata(other).build();
                }))),
                row(
                        "no containers",
                        Way.PODS_API,
                        "cri",
                        kubeletSends(pod(pod -> pod.toBuilder()
                                .setSpec(pod.getSpec().toBuilder()
                                        .clearContainers()
                                        .clearInitContainers())
                                .build()))),
                row("a quantity that is none", Way.PODS_API, "cri", kubeletSends(pod(pod -> cpu(pod, "many")))),
                row("a quantity below zero", Way.PODS_API, "cri", kubeletSends(pod(pod -> cpu(pod, "-1")))),
                row(
                        "17 MB of a pod",
                        Way.PODS_API,
                        "cri",
                        kubeletSends(pod(pod -> pod.toBuilder()
                                .setMetadata(pod.getMetadata().toBuilder().putAnnotations("a", "x".repeat(17_000_000)))
                                .build()))),
                row("100,000 containers", Way.PODS_API, "cri", kubeletSends(pod(SourceFaultTableTest::crowded))));
    }

    private static Pod cpu(Pod pod, String quantity) {
        var resources = pod.getSpec().getResources().toBuilder()
                .putLimits("cpu", Quantity.newBuilder().setString(quantity).build());
        return pod.toBuilder()
                .setSpec(pod.getSpec().toBuilder().setResources(resources))
                .build();
    }

    private static Pod crowded(Pod pod) {
        var spec = pod.getSpec().toBuilder();
        for (int i = 0; i < 100_000; i++) {
            spec.addContainers(Container.newBuilder().setName("c" + i));
        }
        return pod.toBuilder().setSpec(spec).build();
    }

    private static List<SourceFault> order() {
        return List.of(
                row("nothing", Way.AUTO, "podsAPI", node -> {}),
                row(
                        "no Pods API",
                        Way.AUTO,
                        "apiServer",
                        node -> node.cluster.podsApi().die()),
                row("Pods API hangs", Way.AUTO, "apiServer", kubelet("GetPod", new KubeletFault.Hang())),
                row("Pods API lies", Way.AUTO, "apiServer", kubeletSends(bytes -> GARBAGE)),
                row("Pods API knows no pod", Way.AUTO, "apiServer", kubelet("GetPod", refuse(Status.NOT_FOUND))),
                row(
                        "API server gone",
                        Way.AUTO,
                        "podsAPI",
                        node -> node.cluster.apiServer().goAway()),
                row("neither", Way.AUTO, "cri", node -> {
                    node.cluster.podsApi().die();
                    node.cluster.apiServer().goAway();
                }),
                row("both hang", Way.AUTO, "cri", node -> {
                    kubelet("GetPod", new KubeletFault.Hang()).strike(node);
                    server(new ApiFault.Hang()).strike(node);
                }));
    }

    private static List<SourceFault> apiServer() {
        return List.of(
                row("nothing", Way.API_SERVER, "apiServer", node -> {}),
                row(
                        "gone",
                        Way.API_SERVER,
                        "cri",
                        node -> node.cluster.apiServer().goAway()),
                row("hangs", Way.API_SERVER, "cri", server(new ApiFault.Hang())),
                row("not served", Way.API_SERVER, "cri", server(refuse(503, "ServiceUnavailable"))),
                row("too many requests", Way.API_SERVER, "cri", server(refuse(429, "TooManyRequests"))),
                row("forbidden", Way.API_SERVER, "cri", server(refuse(403, "Forbidden"))),
                row("garbage", Way.API_SERVER, "cri", server(new ApiFault.Alter(bytes -> GARBAGE.toByteArray()))),
                row("cut off", Way.API_SERVER, "cri", server(new ApiFault.Truncate(40))),
                row("watch refused", Way.API_SERVER, "apiServer", server(Request.WATCH, refuse(500, "InternalError"))),
                row("watch hangs", Way.API_SERVER, "apiServer", server(Request.WATCH, new ApiFault.Hang())),
                row(
                        "watch gone",
                        Way.API_SERVER,
                        "apiServer",
                        server(Request.WATCH, new ApiFault.ErrorAfter(0, 410, "Expired"))),
                row("watch ends at once", Way.API_SERVER, "apiServer", server(Request.WATCH, new ApiFault.EndAfter(0))),
                row("watch silent", Way.API_SERVER, "apiServer", server(Request.WATCH, new ApiFault.SilentAfter(1))),
                row(
                        "watch is garbage",
                        Way.API_SERVER,
                        "apiServer",
                        server(Request.WATCH, new ApiFault.Alter(bytes -> GARBAGE.toByteArray()))),
                row("watch cut off", Way.API_SERVER, "apiServer", server(Request.WATCH, new ApiFault.Truncate(100))),
                row(
                        "lookups refused",
                        Way.API_SERVER,
                        "apiServer",
                        node -> node.cluster.apiServer().faults().always(Request.GET, refuse(500, "InternalError"))),
                row("no WatchList", Way.API_SERVER, "apiServer", node -> {})
                        .on(options -> options.with(ApiOptions.DEFAULT.withoutWatchList())),
                row("JSON alone", Way.API_SERVER, "apiServer", node -> {})
                        .on(options -> options.with(ApiOptions.DEFAULT.withoutProtobuf())),
                row("history gone", Way.API_SERVER, "apiServer", node -> {
                    node.cluster.apiServer().store().compact();
                    node.cluster.apiServer().cutWatches();
                }));
    }

    private static List<SourceFault> credentials() {
        return List.of(
                row("certificate expired", Way.API_SERVER, "cri", node -> {
                    Instant now = Instant.now();
                    node.cluster.credentials().writeCertificate(now.minusSeconds(60), now.minusSeconds(30));
                    node.cluster.apiServer().replaceAuthority(new CertificateAuthority("another"));
                    node.cluster.apiServer().goAway();
                    node.cluster.apiServer().start();
                }),
                row("certificate renewed", Way.API_SERVER, "apiServer", node -> {
                    Instant now = Instant.now();
                    node.cluster.credentials().writeCertificate(now.minusSeconds(60), now.plusSeconds(3600));
                    node.cluster.apiServer().renewCertificate(now.minusSeconds(60), now.plusSeconds(3600));
                    node.cluster.apiServer().cutWatches();
                }),
                row("authority replaced, and the kubeconfig", Way.API_SERVER, "apiServer", node -> {
                    Instant now = Instant.now();
                    node.cluster.apiServer().replaceAuthority(new CertificateAuthority("another"));
                    node.cluster.credentials().writeKubeconfig(now.minusSeconds(60), now.plusSeconds(3600));
                    node.cluster.apiServer().goAway();
                    node.cluster.apiServer().start();
                }),
                row("token revoked", Way.SERVICE_ACCOUNT, "cri", node -> {
                    node.cluster.apiServer().revoke("token-0");
                    node.cluster.apiServer().cutWatches();
                }),
                row("token renewed", Way.SERVICE_ACCOUNT, "apiServer", node -> {
                    node.cluster.apiServer().revoke("token-0");
                    node.cluster.credentials().writeServiceAccount("token-1");
                    node.cluster.apiServer().cutWatches();
                }));
    }

    private static List<SourceFault> staticPods() {
        return List.of(
                row("nothing", Way.STATIC_PODS, "staticPods", node -> {}),
                row(
                        "a manifest that is none beside it",
                        Way.STATIC_PODS,
                        "staticPods",
                        node -> Files.writeString(node.cluster.manifests().resolve("broken.yaml"), "kind: [")),
                row(
                        "a manifest of 20 MB beside it",
                        Way.STATIC_PODS,
                        "staticPods",
                        node -> Files.writeString(
                                node.cluster.manifests().resolve("large.yaml"), "a: " + "x".repeat(20_000_000))));
    }

    private static List<SourceFault> devices() {
        return List.of(
                row(
                        "devices hang",
                        Way.PODS_API,
                        "podsAPI",
                        node -> node.cluster.podResources().faults().always("Get", new KubeletFault.Hang())),
                row(
                        "devices refused",
                        Way.PODS_API,
                        "podsAPI",
                        node -> node.cluster.podResources().faults().always("Get", refuse(Status.UNIMPLEMENTED))),
                row(
                        "devices are garbage",
                        Way.PODS_API,
                        "podsAPI",
                        node -> node.cluster
                                .podResources()
                                .faults()
                                .always("Get", new KubeletFault.Alter(bytes -> GARBAGE))),
                row(
                        "no PodResources",
                        Way.PODS_API,
                        "podsAPI",
                        node -> node.cluster.podResources().die()));
    }

    @Execution(ExecutionMode.CONCURRENT)
    @ParameterizedTest
    @MethodSource("faults")
    void podsStart(SourceFault fault) throws IOException {
        try (ClusterNode node = new ClusterNode(fault.node())) {
            fault.fault().strike(node);
            RunningPod plain = node.kubelet.run(ClusterNode.plain("plain"));
            RunningPod asking = node.kubelet.run(node.prepared(ClusterNode.pod("asking", 4, 2)));

            assertThat(node.specSource(asking)).isEqualTo(fault.source());
            assertThat(node.file(asking, "cpu.max")).isEqualTo("400000 100000");
            assertThat(node.file(asking, "memory.max")).isEqualTo(Long.toString(2L << 30));
            if (!fault.source().equals("cri")) {
                CpuSet own = node.cpus(asking, "app");
                assertThat(own.size()).isEqualTo(2);
                assertThat(node.cpus(asking, "helper").size()).isEqualTo(2);
                assertThat(own.intersects(node.cpus(asking, "helper"))).isFalse();
                assertThat(own.intersects(node.cpus(plain, "app"))).isFalse();
            }
            node.end(asking);
            node.end(plain);
        }
    }
}
