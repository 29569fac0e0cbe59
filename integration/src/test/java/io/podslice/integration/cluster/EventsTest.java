package io.podslice.integration.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.StatusRuntimeException;
import io.podslice.cgroups.CgroupPath;
import io.podslice.integration.cluster.ClusterNode.Options;
import io.podslice.proto.v1.PodReference;
import io.podslice.proto.v1.ResizeOutcome;
import io.podslice.proto.v1.ResizePodRequest;
import io.podslice.proto.v1.Resources;
import io.podslice.simulator.apiserver.ApiFault;
import io.podslice.simulator.kubelet.PodManifest;
import io.podslice.simulator.kubelet.RunningPod;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Pods get events of what podslice does with them, where that is asked for. */
class EventsTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(40);

    /** More than the node has. */
    private static final PodManifest LARGE = ClusterNode.pod("large", 40, 36);

    private static List<String> shown(ClusterNode node) {
        return node.cluster.apiServer().events().all().stream()
                .map(event -> event.path("type").asString("") + " "
                        + event.at("/regarding/name").asString("") + " "
                        + event.path("reason").asString("") + " "
                        + event.path("action").asString(""))
                .toList();
    }

    private static JsonNode event(ClusterNode node, String reason) {
        return node.cluster.apiServer().events().all().stream()
                .filter(event -> event.path("reason").asString("").equals(reason))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no event " + reason + " yet"));
    }

    private static ResizeOutcome resize(ClusterNode node, String pod, String cpus) {
        Resources resources = Resources.newBuilder()
                .putRequests("cpu", cpus)
                .putRequests("memory", "2Gi")
                .putLimits("cpu", cpus)
                .putLimits("memory", "2Gi")
                .build();
        return node.node()
                .resizePod(ResizePodRequest.newBuilder()
                        .setPod(PodReference.newBuilder()
                                .setNamespace("default")
                                .setName(pod))
                        .setResources(resources)
                        .build())
                .getOutcome();
    }

    @Test
    void grantedDeferredAndGrantedOnceThereIsRoom() throws IOException {
        try (ClusterNode node = new ClusterNode(Options.of(Way.AUTO).withEvents())) {
            node.kubelet.run(ClusterNode.plain("plain"));
            node.kubelet.run(ClusterNode.pod("db", 4, 2));
            RunningPod other = node.kubelet.run(ClusterNode.pod("other", 12, 10));
            assertThat(resize(node, "db", "24")).isEqualTo(ResizeOutcome.RESIZE_OUTCOME_DEFERRED);
            node.end(other);
            node.cluster.removed(other.manifest());
            await().atMost(TIMEOUT)
                    .untilAsserted(() -> assertThat(shown(node))
                            .containsExactly(
                                    "Normal db PodSliceGranted Admitting",
                                    "Normal other PodSliceGranted Admitting",
                                    "Warning db PodSliceDeferred Resizing",
                                    "Normal db PodSliceGranted Resizing"));
            JsonNode granted = event(node, "PodSliceGranted");
            assertThat(granted.path("note").asString(""))
                    .matches("requests \\{cpu=4, .*}, limits \\{cpu=4, .*}, CPUs [-0-9,]+");
            assertThat(granted.at("/regarding/uid").asString("")).isEqualTo("db-uid");
            assertThat(granted.path("reportingController").asString("")).isEqualTo("podslice.io/agent");
            assertThat(granted.path("reportingInstance").asString("")).isEqualTo("node-a");
            assertThat(event(node, "PodSliceDeferred").path("note").asString(""))
                    .contains("24");
        }
    }

    @Test
    void aPodThatIsRefusedAgainAndAgainHasOneEvent() throws IOException {
        try (ClusterNode node = new ClusterNode(Options.of(Way.AUTO).withEvents())) {
            for (int attempt = 0; attempt < 5; attempt++) {
                assertThatThrownBy(() -> node.kubelet.run(LARGE)).isInstanceOf(StatusRuntimeException.class);
            }
            await().atMost(TIMEOUT)
                    .untilAsserted(() -> assertThat(event(node, "PodSliceRefused")
                                    .at("/series/count")
                                    .asInt(0))
                            .isGreaterThanOrEqualTo(2));
            assertThat(shown(node)).containsExactly("Warning large PodSliceRefused Admitting");
            assertThat(node.cluster.apiServer().faults().requests(ApiFault.Request.EVENT))
                    .isLessThanOrEqualTo(3);
        }
    }

    @Test
    void driftThatIsRepaired() throws IOException {
        try (ClusterNode node = new ClusterNode(Options.of(Way.AUTO).withEvents())) {
            RunningPod db = node.kubelet.run(ClusterNode.pod("db", 4, 2));
            CgroupPath cgroup = node.kubelet.cgroup(db.manifest());
            node.kernel.write(cgroup, "cpu.max", "max 100000");
            await().atMost(TIMEOUT)
                    .untilAsserted(
                            () -> assertThat(shown(node)).contains("Warning db PodSliceDriftRepaired Repairing"));
            assertThat(event(node, "PodSliceDriftRepaired").path("note").asString(""))
                    .isEqualTo("cpu.max was \"max 100000\", written by another program; it is \"400000 100000\" again,"
                            + " in " + cgroup);
        }
    }

    @Test
    void noneByDefault() throws IOException {
        try (ClusterNode node = new ClusterNode(Options.of(Way.AUTO))) {
            node.kubelet.run(ClusterNode.pod("db", 4, 2));
            assertThatThrownBy(() -> node.kubelet.run(LARGE)).isInstanceOf(StatusRuntimeException.class);
            assertThat(node.cluster.apiServer().faults().requests(ApiFault.Request.EVENT))
                    .isZero();
        }
    }

    @Test
    void admissionsDoNotWaitForAnApiServerThatHangs() throws IOException {
        try (ClusterNode node = new ClusterNode(Options.of(Way.AUTO).withEvents())) {
            node.cluster.apiServer().faults().always(ApiFault.Request.EVENT, new ApiFault.Hang());
            node.kubelet.run(ClusterNode.pod("db", 4, 2));
            RunningPod other = node.kubelet.run(ClusterNode.pod("other", 4, 2));
            assertThat(node.cpus(other, "app").size()).isEqualTo(2);
            assertThat(shown(node)).isEmpty();
        }
    }
}
