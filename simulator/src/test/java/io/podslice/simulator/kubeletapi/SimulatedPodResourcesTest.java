package io.podslice.simulator.kubeletapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podslice.cgroups.CpuSet;
import io.podslice.proto.podresources.v1.AllocatableResourcesRequest;
import io.podslice.proto.podresources.v1.ContainerDevices;
import io.podslice.proto.podresources.v1.ContainerResources;
import io.podslice.proto.podresources.v1.GetPodResourcesRequest;
import io.podslice.proto.podresources.v1.ListPodResourcesRequest;
import io.podslice.proto.podresources.v1.NUMANode;
import io.podslice.proto.podresources.v1.PodResources;
import io.podslice.simulator.kubelet.ContainerManifest;
import io.podslice.simulator.kubelet.ContainerManifest.Kind;
import io.podslice.simulator.kubelet.PodManifest;
import io.podslice.simulator.kubelet.RejectedPodException;
import io.podslice.simulator.kubelet.Wants;
import io.podslice.simulator.pods.PodManager;
import io.podslice.simulator.pods.PodMessages;
import io.podslice.simulator.pods.PodPhase;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** PodResources behaves as facts: kubelet-apis 2 and kubelet 11 have it. */
class SimulatedPodResourcesTest {
    private static final String GPU = "example.com/gpu";

    @TempDir
    private Path folder;

    private final PodManager pods = new PodManager(new PodMessages("node-a", 0));
    private final DeviceManager devices = new DeviceManager(List.of(
            new DevicePlugin(
                    GPU, Map.of("gpu-0", CpuSet.parse("0"), "gpu-1", CpuSet.parse("1"), "gpu-2", CpuSet.parse("1"))),
            new DevicePlugin("example.com/fpga", Map.of("fpga-0", CpuSet.empty()))));
    private SimulatedPodResources api;
    private KubeletClient client;

    @BeforeEach
    void serve() {
        api = new SimulatedPodResources(folder.resolve("res.sock"), pods, devices);
        api.start();
        client = new KubeletClient(api.socket());
    }

    @AfterEach
    void stop() {
        client.close();
        api.close();
    }

    private static PodManifest pod(String name, int gpus) {
        return new PodManifest(
                name,
                "default",
                name + "-uid",
                Wants.NONE,
                List.of(
                        new ContainerManifest("init", Kind.INIT, "busybox", Wants.NONE),
                        new ContainerManifest("app", Kind.APP, "busybox", Wants.NONE).withDevices(GPU, gpus)),
                Map.of());
    }

    private void admit(PodManifest pod) {
        pods.add(pod);
        devices.allocate(pod);
    }

    private PodResources get(String name) {
        return client.resources()
                .get(GetPodResourcesRequest.newBuilder()
                        .setPodName(name)
                        .setPodNamespace("default")
                        .build())
                .getPodResources();
    }

    private static String text(ContainerDevices devices) {
        return devices.getResourceName() + devices.getDeviceIdsList() + " on "
                + devices.getTopology().getNodesList().stream()
                        .map(NUMANode::getID)
                        .toList();
    }

    @Test
    void devicesAreGroupedByTheirNumaNodes() {
        admit(pod("web", 3));
        PodResources web = get("web");
        assertThat(web.getContainersList())
                .extracting(ContainerResources::getName)
                .containsExactly("app");
        assertThat(web.getContainers(0).getDevicesList())
                .extracting(SimulatedPodResourcesTest::text)
                .containsExactly(GPU + "[gpu-0] on [0]", GPU + "[gpu-1, gpu-2] on [1]");
        assertThat(web.getContainers(0).getCpuIdsList()).isEmpty();
    }

    @Test
    void podThatIsNotActiveIsUnknown() {
        admit(pod("web", 1));
        pods.enter("web-uid", PodPhase.FAILED, "", "");
        assertThatThrownBy(() -> get("web")).hasMessage("UNKNOWN: pod web in namespace default not found");
        assertThat(client.resources()
                        .list(ListPodResourcesRequest.getDefaultInstance())
                        .getPodResourcesList())
                .isEmpty();
    }

    @Test
    void podWithoutDevicesHasContainersAlone() {
        admit(pod("web", 0));
        assertThat(get("web").getContainers(0).getDevicesList()).isEmpty();
    }

    @Test
    void devicesThatAreTakenAreNotGivenTwice() {
        admit(pod("a", 2));
        assertThatThrownBy(() -> devices.allocate(pod("b", 2)))
                .isInstanceOf(RejectedPodException.class)
                .hasMessageContaining("Requested: 2, Available: 1");
        devices.free("a-uid");
        devices.allocate(pod("b", 2));
    }

    @Test
    void allocatableResourcesAreAllDevices() {
        assertThat(client.resources()
                        .getAllocatableResources(AllocatableResourcesRequest.getDefaultInstance())
                        .getDevicesList())
                .extracting(SimulatedPodResourcesTest::text)
                .containsExactly(
                        GPU + "[gpu-0] on [0]", GPU + "[gpu-1, gpu-2] on [1]", "example.com/fpga[fpga-0] on []");
    }
}
