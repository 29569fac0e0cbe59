package io.podslice.integration.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnknownFieldSet.Field;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.podslice.agent.api.NodeApiClient;
import io.podslice.integration.cluster.ClusterNode.Options;
import io.podslice.proto.podresources.v1.AllocatableResourcesRequest;
import io.podslice.proto.podresources.v1.ContainerResources;
import io.podslice.proto.podresources.v1.GetPodResourcesRequest;
import io.podslice.proto.podresources.v1.ListPodResourcesRequest;
import io.podslice.proto.podresources.v1.PodResources;
import io.podslice.proto.podresources.v1.PodResourcesListerGrpc;
import io.podslice.proto.podresources.v1.PodResourcesListerGrpc.PodResourcesListerBlockingStub;
import io.podslice.simulator.kubelet.RunningPod;
import io.podslice.simulator.kubeletapi.KubeletFault;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** PodResources on podslice's socket: the kubelet's answer with podslice's CPUs, whole or an error. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ServedPodResourcesTest {
    private ClusterNode node;
    private NodeApiClient client;

    @BeforeEach
    void start() throws IOException {
        node = new ClusterNode(Options.of(Way.PODS_API));
        client = new NodeApiClient(node.folder.resolve("podslice.sock"));
    }

    @AfterEach
    void end() throws IOException {
        client.close();
        node.close();
    }

    private PodResourcesListerBlockingStub lister() {
        return lister(Duration.ofSeconds(30));
    }

    private PodResourcesListerBlockingStub lister(Duration atMost) {
        return PodResourcesListerGrpc.newBlockingStub(client.channel())
                .withDeadlineAfter(atMost.toMillis(), TimeUnit.MILLISECONDS);
    }

    private List<PodResources> list() {
        return lister().list(ListPodResourcesRequest.getDefaultInstance()).getPodResourcesList();
    }

    private PodResources get(String name) {
        return lister().get(GetPodResourcesRequest.newBuilder()
                        .setPodNamespace("default")
                        .setPodName(name)
                        .build())
                .getPodResources();
    }

    private Long[] cpus(RunningPod pod, String container) {
        return Arrays.stream(node.cpus(pod, container).toArray())
                .mapToObj(Long::valueOf)
                .toArray(Long[]::new);
    }

    @Test
    void everyPodWithItsCpusAndDevices() throws IOException {
        RunningPod gpu = node.kubelet.run(node.prepared(ClusterNode.withGpus(ClusterNode.pod("gpu", 4, 3), 1)));
        node.kubelet.run(node.prepared(ClusterNode.plain("plain")));

        assertThat(list()).extracting(PodResources::getName).containsExactlyInAnyOrder("gpu", "plain");
        PodResources pod = get("gpu");
        assertThat(list()).contains(pod);
        assertThat(pod.getCpuIdsList()).hasSize(4).containsAll(List.of(cpus(gpu, "app")));
        assertThat(pod.getContainersList())
                .extracting(ContainerResources::getName)
                .containsExactlyInAnyOrder("helper", "app");
        for (ContainerResources container : pod.getContainersList()) {
            if (container.getName().equals("app")) {
                assertThat(container.getCpuIdsList()).containsExactly(cpus(gpu, "app"));
                assertThat(container.getDevicesList()).hasSize(1);
            } else {
                assertThat(container.getCpuIdsList()).isEmpty();
            }
        }
        assertThat(get("plain").getCpuIdsList()).isEmpty();
    }

    @Test
    void allocatableIsWhatPodsCanHave() {
        var all = lister().getAllocatableResources(AllocatableResourcesRequest.getDefaultInstance());
        assertThat(all.getCpuIdsList())
                .isNotEmpty()
                .isSubsetOf(LongStream.range(0, 32).boxed().toList());
        assertThat(all.getDevicesList()).isNotEmpty();
    }

    @Test
    void aPodThatEndedIsInNoAnswer() throws IOException {
        RunningPod pod = node.kubelet.run(node.prepared(ClusterNode.pod("web", 4, 3)));
        assertThat(get("web").getCpuIdsList()).hasSize(4);
        node.kubelet.stop(pod);
        node.kubelet.remove(pod);
        assertThat(list()).isEmpty();
        assertThatThrownBy(() -> get("web")).hasMessage("UNKNOWN: pod web in namespace default not found");
    }

    @Test
    void whatANewerKubeletAddsPasses() throws IOException {
        node.kubelet.run(node.prepared(ClusterNode.pod("web", 4, 3)));
        UnknownFieldSet added = UnknownFieldSet.newBuilder()
                .addField(
                        77,
                        Field.newBuilder()
                                .addLengthDelimited(ByteString.copyFromUtf8("of the future"))
                                .addFixed64(7)
                                .build())
                .build();
        node.cluster
                .podResources()
                .faults()
                .always("List", new KubeletFault.Alter(pod -> pod.concat(added.toByteString())));
        PodResources pod = list().getFirst();
        assertThat(pod.getUnknownFields()).isEqualTo(added);
        assertThat(pod.getCpuIdsList()).hasSize(4);
    }

    static Stream<Arguments> faults() {
        return Stream.of(
                Arguments.of("hangs", new KubeletFault.Hang(), Status.Code.DEADLINE_EXCEEDED, "did not answer in time"),
                Arguments.of(
                        "internal",
                        new KubeletFault.Refuse(Status.INTERNAL.withDescription("out of luck")),
                        Status.Code.INTERNAL,
                        "out of luck"),
                Arguments.of(
                        "gated",
                        new KubeletFault.Refuse(Status.UNIMPLEMENTED.withDescription("unknown method")),
                        Status.Code.UNIMPLEMENTED,
                        "its feature gate may be off"),
                Arguments.of(
                        "limited",
                        new KubeletFault.Refuse(Status.RESOURCE_EXHAUSTED.withDescription("rejected by rate limit")),
                        Status.Code.RESOURCE_EXHAUSTED,
                        "100 calls a second, is used up"),
                Arguments.of(
                        "garbage",
                        new KubeletFault.Alter(pod -> ByteString.copyFrom(new byte[] {10, 90, 1})),
                        Status.Code.INTERNAL,
                        "the kubelet's answer cannot be used: is not encoded protobuf"),
                Arguments.of(
                        "truncated",
                        new KubeletFault.Alter(pod -> pod.substring(0, pod.size() - 1)),
                        Status.Code.INTERNAL,
                        "the kubelet's answer cannot be used: is not encoded protobuf"),
                Arguments.of(
                        "another pod",
                        new KubeletFault.Alter(pod -> PodResources.newBuilder()
                                .setName("mail")
                                .setNamespace("default")
                                .build()
                                .toByteString()),
                        Status.Code.INTERNAL,
                        "answered with another pod when asked for default/web"),
                Arguments.of(
                        "above the bound",
                        new KubeletFault.Alter(pod -> pod.concat(ByteString.copyFrom(new byte[5 << 20]))),
                        Status.Code.UNAVAILABLE,
                        ""));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("faults")
    void anAnswerThatIsNoneIsAnError(String name, KubeletFault fault, Status.Code code, String text)
            throws IOException {
        node.kubelet.run(node.prepared(ClusterNode.pod("web", 4, 3)));
        node.cluster.podResources().faults().always("Get", fault);
        assertThatThrownBy(() -> lister(Duration.ofSeconds(8))
                        .get(GetPodResourcesRequest.newBuilder()
                                .setPodNamespace("default")
                                .setPodName("web")
                                .build()))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        e -> assertThat(e.getStatus().getCode()).isEqualTo(code))
                .hasMessageContaining(text);
        node.cluster.podResources().faults().clear();
        assertThat(get("web").getCpuIdsList()).hasSize(4);
    }

    @Test
    void withoutTheKubeletTheErrorNamesItsSocket() {
        node.cluster.podResources().die();
        assertThatThrownBy(this::list)
                .hasMessageStartingWith("UNAVAILABLE: PodResources: no socket "
                        + node.cluster.podResources().socket() + ": no kubelet runs here");
    }
}
