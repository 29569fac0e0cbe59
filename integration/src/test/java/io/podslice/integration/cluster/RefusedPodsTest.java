package io.podslice.integration.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.StatusRuntimeException;
import io.podslice.agent.config.ClusterConfiguration.RefusedPods;
import io.podslice.integration.cluster.ClusterNode.Options;
import io.podslice.proto.core.v1.PodStatus;
import io.podslice.simulator.apiserver.ApiFault;
import io.podslice.simulator.kubelet.PodManifest;
import io.podslice.simulator.kubelet.RejectedPodException;
import io.podslice.simulator.kubelet.RunningPod;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Pods that podslice refuses fail in the cluster where that is asked for, once, so that they are made elsewhere. */
class RefusedPodsTest {
    /** More than the node has. */
    private static final PodManifest LARGE = ClusterNode.pod("large", 40, 36);

    private static PodStatus status(ClusterNode node, PodManifest pod) {
        return node.cluster
                .apiServer()
                .store()
                .get(pod.namespace(), pod.name())
                .orElseThrow()
                .getStatus();
    }

    private static int patches(ClusterNode node) {
        return node.cluster.apiServer().faults().requests(ApiFault.Request.PATCH);
    }

    @Test
    void refusedPodFailsOnceWithTheReason() throws IOException {
        try (ClusterNode node = new ClusterNode(Options.of(Way.AUTO).with(RefusedPods.FAIL))) {
            String refusal = null;
            for (int attempt = 0; attempt < 3; attempt++) {
                try {
                    node.kubelet.run(LARGE);
                } catch (StatusRuntimeException e) {
                    refusal = e.getStatus().getDescription();
                } catch (RejectedPodException e) {
                    break;
                }
            }
            assertThat(refusal).isNotNull();
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> status(node, LARGE).getPhase().equals("Failed"));
            assertThat(status(node, LARGE).getReason()).isNotEmpty();
            assertThat(refusal).contains(status(node, LARGE).getReason());
            assertThat(status(node, LARGE).getMessage()).startsWith("Pod was rejected: ");
            assertThatThrownBy(() -> node.kubelet.run(LARGE)).isInstanceOf(RejectedPodException.class);
            assertThat(patches(node)).isEqualTo(1);
            RunningPod other = node.kubelet.run(ClusterNode.pod("other", 4, 2));
            assertThat(node.cpus(other, "app").size()).isEqualTo(2);
        }
    }

    @Test
    void refusedPodIsLeftToTheKubeletByDefault() throws IOException {
        try (ClusterNode node = new ClusterNode(Options.of(Way.AUTO))) {
            assertThatThrownBy(() -> node.kubelet.run(LARGE)).isInstanceOf(StatusRuntimeException.class);
            assertThatThrownBy(() -> node.kubelet.run(LARGE)).isInstanceOf(StatusRuntimeException.class);
            assertThat(status(node, LARGE).getPhase()).isEqualTo("Pending");
            assertThat(patches(node)).isZero();
        }
    }

    @Test
    void staticPodIsNeverMadeToFail() throws IOException {
        try (ClusterNode node = new ClusterNode(Options.of(Way.AUTO).with(RefusedPods.FAIL))) {
            PodManifest pod = node.cluster.putStatic(LARGE);
            node.cluster.bind(pod);
            assertThatThrownBy(() -> node.kubelet.run(pod)).isInstanceOf(StatusRuntimeException.class);
            PodManifest second = ClusterNode.pod("second", 40, 36);
            assertThatThrownBy(() -> node.kubelet.run(second)).isInstanceOf(StatusRuntimeException.class);
            // Refused after the static pod, and done with: so the static pod has had its turn.
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> status(node, second).getPhase().equals("Failed"));
            assertThat(status(node, pod).getPhase()).isEqualTo("Pending");
            assertThat(patches(node)).isEqualTo(1);
        }
    }
}
