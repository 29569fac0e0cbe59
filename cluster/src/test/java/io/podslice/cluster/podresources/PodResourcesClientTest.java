package io.podslice.cluster.podresources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import io.podslice.cgroups.CpuSet;
import io.podslice.cluster.FakeKubelet;
import io.podslice.cluster.kubelet.CallFailedException;
import io.podslice.cluster.wire.UnreadableException;
import io.podslice.node.AssignedDevice;
import io.podslice.proto.podresources.v1.AllocatableResourcesResponse;
import io.podslice.proto.podresources.v1.ContainerDevices;
import io.podslice.proto.podresources.v1.ContainerResources;
import io.podslice.proto.podresources.v1.GetPodResourcesRequest;
import io.podslice.proto.podresources.v1.GetPodResourcesResponse;
import io.podslice.proto.podresources.v1.ListPodResourcesResponse;
import io.podslice.proto.podresources.v1.NUMANode;
import io.podslice.proto.podresources.v1.PodResources;
import io.podslice.proto.podresources.v1.TopologyInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PodResourcesClientTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String GET = "v1.PodResourcesLister/Get";
    private static final String ALLOCATABLE = "v1.PodResourcesLister/GetAllocatableResources";

    @TempDir
    private Path folder;

    private FakeKubelet kubelet;
    private PodResourcesClient client;

    @BeforeEach
    void begin() throws IOException {
        kubelet = new FakeKubelet(folder.resolve("s"));
        client = new PodResourcesClient(folder.resolve("s"));
    }

    @AfterEach
    void end() {
        kubelet.close();
    }

    private Map<String, List<AssignedDevice>> devices() throws IOException {
        return client.of("default", "ml", PATIENCE);
    }

    private void serve(PodResources.Builder pod) {
        kubelet.unary(GET, request -> {
            GetPodResourcesRequest asked = GetPodResourcesRequest.parseFrom(request);
            assertThat(asked.getPodNamespace()).isEqualTo("default");
            assertThat(asked.getPodName()).isEqualTo("ml");
            return GetPodResourcesResponse.newBuilder()
                    .setPodResources(pod)
                    .build()
                    .toByteArray();
        });
    }

    private static PodResources.Builder pod(ContainerResources.Builder... containers) {
        PodResources.Builder pod =
                PodResources.newBuilder().setNamespace("default").setName("ml");
        for (ContainerResources.Builder container : containers) {
            pod.addContainers(container);
        }
        return pod;
    }

    private static ContainerDevices.Builder devices(String resource, String... ids) {
        return ContainerDevices.newBuilder().setResourceName(resource).addAllDeviceIds(List.of(ids));
    }

    private static TopologyInfo nodes(long... ids) {
        TopologyInfo.Builder topology = TopologyInfo.newBuilder();
        for (long id : ids) {
            topology.addNodes(NUMANode.newBuilder().setID(id));
        }
        return topology.build();
    }

    @Test
    void devices_by_container_with_their_numa_nodes() throws Exception {
        serve(pod(
                ContainerResources.newBuilder()
                        .setName("train")
                        .addCpuIds(5)
                        .addDevices(devices("nvidia.com/gpu", "GPU-0", "GPU-1").setTopology(nodes(0)))
                        .addDevices(devices("nvidia.com/gpu", "GPU-7").setTopology(nodes(1)))
                        .addDevices(devices("example.com/nic", "eth0").setTopology(nodes(2, 3)))
                        .addDevices(devices("example.com/fuse", "fuse")),
                ContainerResources.newBuilder().setName("logs")));
        assertThat(devices())
                .containsOnly(Map.entry(
                        "train",
                        List.of(
                                new AssignedDevice("nvidia.com/gpu", "GPU-0,GPU-1", CpuSet.of(0)),
                                new AssignedDevice("nvidia.com/gpu", "GPU-7", CpuSet.of(1)),
                                new AssignedDevice("example.com/nic", "eth0", CpuSet.of(2, 3)),
                                new AssignedDevice("example.com/fuse", "fuse", CpuSet.empty()))));
    }

    @Test
    void many_ids_are_shortened() throws Exception {
        ContainerDevices.Builder many = devices("example.com/vf");
        for (int i = 0; i < 12; i++) {
            many.addDeviceIds("vf" + i);
        }
        serve(pod(ContainerResources.newBuilder().setName("net").addDevices(many)));
        assertThat(devices().getOrDefault("net", List.of()).getFirst().ids())
                .isEqualTo("vf0,vf1,vf2,vf3,vf4,vf5,vf6,vf7,and 4 more");
    }

    @Test
    void a_pod_that_the_kubelet_does_not_know_has_no_devices() throws Exception {
        kubelet.unary(GET, request -> {
            throw Status.UNKNOWN
                    .withDescription("pod ml in namespace default not found")
                    .asRuntimeException();
        });
        assertThat(devices()).isEmpty();
    }

    @Test
    void a_kubelet_without_get_is_asked_for_its_list() throws Exception {
        kubelet.unary(GET, request -> {
            throw Status.UNKNOWN
                    .withDescription("PodResources API Get method disabled")
                    .asRuntimeException();
        });
        ContainerResources.Builder train = ContainerResources.newBuilder()
                .setName("train")
                .addDevices(devices("nvidia.com/gpu", "GPU-0").setTopology(nodes(1)));
        kubelet.unary(
                "v1.PodResourcesLister/List",
                request -> ListPodResourcesResponse.newBuilder()
                        .addPodResources(pod(train).setNamespace("other"))
                        .addPodResources(pod().setName("web"))
                        .addPodResources(pod(train))
                        .build()
                        .toByteArray());
        assertThat(devices())
                .containsOnly(Map.entry("train", List.of(new AssignedDevice("nvidia.com/gpu", "GPU-0", CpuSet.of(1)))));
        assertThat(client.of("default", "mail", PATIENCE)).isEmpty();
    }

    @Test
    void other_errors_are_errors() {
        kubelet.unary(GET, request -> {
            throw Status.UNKNOWN.withDescription("out of luck").asRuntimeException();
        });
        assertThatThrownBy(this::devices)
                .isInstanceOf(CallFailedException.class)
                .hasMessage("Get: the kubelet refused the call (gRPC status 2, out of luck)");
    }

    @Test
    void a_used_up_rate_limit_is_waited_for() throws Exception {
        AtomicInteger refusals = new AtomicInteger(3);
        kubelet.unary(GET, request -> {
            if (refusals.getAndDecrement() > 0) {
                throw Status.RESOURCE_EXHAUSTED.asRuntimeException();
            }
            return GetPodResourcesResponse.newBuilder()
                    .setPodResources(pod())
                    .build()
                    .toByteArray();
        });
        assertThat(devices()).isEmpty();
        assertThat(refusals).hasNegativeValue();
    }

    @Test
    void without_a_socket_there_are_no_devices() throws Exception {
        PodResourcesClient none = new PodResourcesClient(folder.resolve("none"));
        assertThat(none.of("default", "ml", PATIENCE)).isEmpty();
        assertThat(none.cpuManagerWarning(PATIENCE)).isEmpty();
    }

    @Test
    void a_kubelet_that_hangs_is_not_waited_for_longer_than_told() {
        kubelet.unary(GET, request -> {
            Thread.sleep(30_000);
            return new byte[0];
        });
        assertThatThrownBy(() -> client.of("default", "ml", Duration.ofMillis(50)))
                .hasMessageStartingWith("Get: the kubelet did not answer in time");
    }

    @ParameterizedTest
    @ValueSource(longs = {-1, 1024, Long.MAX_VALUE})
    void numa_nodes_that_no_machine_has(long id) {
        serve(pod(ContainerResources.newBuilder()
                .setName("train")
                .addDevices(devices("nvidia.com/gpu", "GPU-0").setTopology(nodes(id)))));
        assertThatThrownBy(this::devices)
                .isInstanceOf(UnreadableException.class)
                .hasMessageContaining("NUMA node " + id + ", not 0 to 1023");
    }

    @Test
    void another_pod_than_the_one_asked_for() {
        serve(pod().setName("web"));
        assertThatThrownBy(this::devices)
                .hasMessage("pod_resources: the kubelet answered with another pod when asked for default/ml");
    }

    @Test
    void garbage_and_too_much() {
        kubelet.unary(GET, request -> new byte[] {10, 50, 1});
        assertThatThrownBy(this::devices).isInstanceOf(UnreadableException.class);
        PodResources.Builder many = pod();
        for (int i = 0; i < 1025; i++) {
            many.addContainers(ContainerResources.newBuilder());
        }
        serve(many);
        assertThatThrownBy(this::devices).hasMessage("containers: more than 1024");
    }

    @Test
    void a_kubelet_that_gives_out_cpus_is_warned_of() throws Exception {
        AllocatableResourcesResponse.Builder response = AllocatableResourcesResponse.newBuilder();
        kubelet.unary(ALLOCATABLE, request -> response.build().toByteArray());
        assertThat(client.cpuManagerWarning(PATIENCE)).isEmpty();
        response.addAllCpuIds(List.of(3L, 1L, 2L));
        assertThat(client.cpuManagerWarning(PATIENCE).orElseThrow())
                .startsWith("the kubelet's CPU manager has policy static and gives out CPUs 1-3: ");
        response.addCpuIds(70_000);
        assertThatThrownBy(() -> client.cpuManagerWarning(PATIENCE)).hasMessage("cpu_ids: CPU 70000, not 0 to 65535");
    }
}
