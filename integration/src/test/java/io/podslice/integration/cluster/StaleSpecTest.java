package io.podslice.integration.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.integration.cluster.ClusterNode.Options;
import io.podslice.simulator.kubelet.Amounts;
import io.podslice.simulator.kubelet.PodManifest;
import io.podslice.simulator.kubelet.RunningPod;
import io.podslice.simulator.kubelet.Wants;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** A pod whose spec has changed is placed by its new spec, also where no event has told of the change. */
class StaleSpecTest {

    /** Returns the pod with 6 CPUs in place of 4, of which "app" has 3 in place of 2. */
    private static RunningPod changed(RunningPod pod) {
        PodManifest before = pod.manifest();
        PodManifest after = before.resizedTo(Wants.guaranteed(Amounts.of(6, 2)))
                .withContainers(before.containers().stream()
                        .map(container -> container.name().equals("app")
                                ? container.resizedTo(Wants.guaranteed(Amounts.of(3, 1)))
                                : container)
                        .toList())
                .at(2);
        return new RunningPod(after, pod.sandboxId(), pod.containerIds());
    }

    private static void check(ClusterNode node, RunningPod pod) {
        assertThat(node.file(pod, "cpu.max")).isEqualTo("600000 100000");
        assertThat(node.cpus(pod, "app").size()).isEqualTo(3);
        assertThat(node.cpus(pod, "helper").size()).isEqualTo(3);
    }

    @Test
    void kubeletIsAskedThoughItsEventWasLost() throws IOException {
        try (ClusterNode node = new ClusterNode(Options.of(Way.PODS_API))) {
            RunningPod pod = changed(node.kubelet.run(ClusterNode.pod("web", 4, 2)));
            node.cluster.pods().desireQuietly(pod.manifest());
            pod = node.kubelet.sandboxAnew(pod, 1);
            check(node, pod);
        }
    }

    @Test
    void podOfTheSameNameIsAnotherPod() throws IOException {
        for (Way way : new Way[] {Way.PODS_API, Way.API_SERVER}) {
            try (ClusterNode node = new ClusterNode(Options.of(way))) {
                RunningPod first = node.kubelet.run(ClusterNode.pod("web-0", 4, 2));
                node.end(first);
                PodManifest second = ClusterNode.pod("web-0", 6, 3).called("web-0", "second-uid");
                check(node, node.kubelet.run(second));
            }
        }
    }

    /** The watch does not notice for two minutes; the kubelet's numbers come with the sandbox and its containers. */
    @Test
    void apiServersSilenceIsNoReasonForOldNumbers() throws IOException {
        try (ClusterNode node = new ClusterNode(Options.of(Way.API_SERVER))) {
            RunningPod pod = changed(node.kubelet.run(ClusterNode.pod("web", 4, 2)));
            node.cluster.apiServer().silence(true);
            node.cluster.resizing(pod.manifest());
            pod = node.kubelet.sandboxAnew(pod, 1);
            check(node, pod);
        }
    }
}
