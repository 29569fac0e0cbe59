package io.podslice.integration.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.podslice.cgroups.CpuSet;
import io.podslice.integration.cluster.ClusterNode.Options;
import io.podslice.simulator.kubelet.RunningPod;
import io.podslice.simulator.kubeletapi.KubeletFault;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Pods are placed beside their devices without a word from them. */
class DevicesTest {
    private static final CpuSet NODE_0 = CpuSet.parse("0-7,16-23");
    private static final CpuSet NODE_1 = CpuSet.parse("8-15,24-31");

    @ParameterizedTest
    @EnumSource(names = {"ANNOTATION", "PODS_API", "API_SERVER"})
    void podIsOnTheNumaNodeOfItsGpu(Way way) throws IOException {
        try (ClusterNode node = new ClusterNode(Options.of(way))) {
            RunningPod plain = node.kubelet.run(node.prepared(ClusterNode.pod("first", 4, 2)));
            assertThat(NODE_0.containsAll(node.cpus(plain, "app"))).isTrue();
            RunningPod gpu = node.kubelet.run(node.prepared(ClusterNode.withGpus(ClusterNode.pod("gpu", 4, 3), 1)));
            assertThat(NODE_1.containsAll(node.cpus(gpu, "app"))).isTrue();
            assertThat(NODE_1.containsAll(node.cpus(gpu, "helper"))).isTrue();
            node.restartPodslice(true);
            gpu = node.kubelet.sandboxAnew(gpu, 1);
            assertThat(NODE_1.containsAll(node.cpus(gpu, "app"))).isTrue();
        }
    }

    @Test
    void podIsPlacedWithoutItsDevicesIfTheKubeletDoesNotTellThem() throws IOException {
        try (ClusterNode node = new ClusterNode(Options.of(Way.PODS_API).lookingUpFor(Duration.ofMillis(800)))) {
            node.cluster.podResources().faults().always("Get", new KubeletFault.Hang());
            RunningPod gpu = node.kubelet.run(node.prepared(ClusterNode.withGpus(ClusterNode.pod("gpu", 4, 3), 1)));
            assertThat(node.cpus(gpu, "app").size()).isEqualTo(3);
            node.cluster.podResources().faults().clear();
            node.cluster.podResources().faults().always("Get", new KubeletFault.Refuse(Status.UNIMPLEMENTED));
            RunningPod other = node.kubelet.run(node.prepared(ClusterNode.withGpus(ClusterNode.pod("other", 4, 3), 1)));
            assertThat(node.cpus(other, "app").size()).isEqualTo(3);
            node.cluster.podResources().die();
            RunningPod plain = node.kubelet.run(ClusterNode.plain("plain"));
            assertThat(node.file(plain, "cpu.weight")).isNotEmpty();
        }
    }
}
