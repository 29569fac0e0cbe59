package io.podslice.cluster.refused;

import static io.podslice.cluster.apiserver.FakeApiServer.Kind.GET;
import static io.podslice.cluster.apiserver.FakeApiServer.Kind.PATCH;
import static io.podslice.cluster.apiserver.TestPods.mirror;
import static io.podslice.cluster.apiserver.TestPods.pod;
import static io.podslice.cluster.apiserver.TestPods.sandbox;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.podslice.cluster.apiserver.ApiServer;
import io.podslice.cluster.apiserver.FakeApiServer;
import io.podslice.cluster.credentials.Access;
import io.podslice.cluster.credentials.Kubeconfig;
import io.podslice.node.Door;
import io.podslice.node.NodeCounter;
import io.podslice.node.NodeMeter;
import io.podslice.node.NodeRequest;
import io.podslice.node.Refusal;
import io.podslice.proto.core.v1.ContainerStatus;
import io.podslice.proto.core.v1.Pod;
import io.podslice.proto.core.v1.Time;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RefusedPodsTest {
    private static final Refusal REFUSAL = new Refusal(
            "TopologyAffinityError",
            Refusal.Kind.EXHAUSTED,
            "Resources cannot be allocated with Topology locality",
            "asked for 8 CPUs on one NUMA node, 6 are free; \"6\" would fit");

    @TempDir
    Path folder;

    private FakeApiServer server;
    private Access access;
    private RefusedPods refused;
    private final List<String> counted = new CopyOnWriteArrayList<>();
    private final NodeMeter meter = new NodeMeter() {
        @Override
        public void decided(Door door, NodeRequest request, Duration took) {}

        @Override
        public void held(Door door, NodeRequest request, Duration took) {}

        @Override
        public void count(NodeCounter counter, String... labels) {
            counted.add(counter.metric() + " " + String.join(" ", labels));
        }
    };

    @BeforeEach
    void open() throws IOException {
        server = new FakeApiServer();
        Path config = Files.writeString(folder.resolve("kubelet.conf"), """
                contexts: [{name: a, context: {cluster: c, user: u}}]
                clusters: [{name: c, cluster: {server: "%s"}}]
                users: [{name: u, user: {}}]
                """.formatted(server.address()));
        access = new Access(new Kubeconfig(config, Optional.empty()));
        refused = new RefusedPods(new ApiServer(access), meter, Duration.ofMillis(10));
    }

    @AfterEach
    void close() {
        refused.close();
        server.close();
        access.close();
    }

    @Test
    void a_pending_pod_fails_with_the_kubelet_s_words() {
        Pod web = server.put(pod("web", "uid-1", 8));
        refused.refused(sandbox("web", "uid-1"), REFUSAL);

        await().until(() -> server.patches().size() == 1);
        await().untilAsserted(() -> assertThat(counted).containsExactly("podslice_refused_pods_total failed"));
        String version = web.getMetadata().getResourceVersion();
        String message = "Pod was rejected: Resources cannot be allocated with Topology locality;"
                + " asked for 8 CPUs on one NUMA node, 6 are free; \\\"6\\\" would fit";
        assertThat(server.patches().getFirst())
                .isEqualTo("{\"metadata\":{\"uid\":\"uid-1\",\"resourceVersion\":\"" + version
                        + "\",\"annotations\":{\"refused.podslice.io/reason\":\"TopologyAffinityError at version "
                        + version
                        + ": " + message + "\"}},\"status\":{\"phase\":\"Failed\",\"reason\":\"TopologyAffinityError\","
                        + "\"message\":\"" + message + "\"}}");
    }

    @Test
    void a_pod_fails_once() {
        server.put(pod("web", "uid-1", 8));
        for (int i = 0; i < 5; i++) {
            refused.refused(sandbox("web", "uid-1"), REFUSAL);
        }
        await().until(() -> server.patches().size() == 1);
        awaitIdle();
        int gets = server.requests(GET);
        refused.refused(sandbox("web", "uid-1"), REFUSAL);
        awaitIdle();

        assertThat(server.patches()).hasSize(1);
        assertThat(server.requests(GET)).isLessThanOrEqualTo(gets + 1);
    }

    /** The kubelet's own status is the older one, and it writes it again before it has noticed the failure. */
    @Test
    void a_pod_that_the_kubelet_has_made_pending_again_fails_again() {
        for (int i = 1; i <= RefusedPods.MOST_FAILURES; i++) {
            int times = i;
            server.put(pod("web", "uid-1", 8));
            await().until(() -> {
                refused.refused(sandbox("web", "uid-1"), REFUSAL);
                return server.patches().size() == times;
            });
            awaitIdle();
        }
        server.put(pod("web", "uid-1", 8));
        refused.refused(sandbox("web", "uid-1"), REFUSAL);
        awaitIdle();

        assertThat(server.patches()).hasSize(RefusedPods.MOST_FAILURES);
        assertThat(counted).containsExactly("podslice_refused_pods_total failed");
    }

    /** A pod that must be left as it is. */
    enum Left {
        OF_ANOTHER_UID(pod("web", "uid-2", 8)),
        RUNNING(phase("Running")),
        FAILED_ALREADY(phase("Failed")),
        WITH_A_CONTAINER(status(ContainerStatus.newBuilder().setContainerId("containerd://1"))),
        RESTARTED(status(ContainerStatus.newBuilder().setRestartCount(1))),
        BEING_DELETED(deleted()),
        A_MIRROR(mirror("web", "mirror-uid", "uid-1", 8));

        private final Pod pod;

        Left(Pod pod) {
            this.pod = pod;
        }

        private static Pod phase(String phase) {
            Pod.Builder pod = pod("web", "uid-1", 8).toBuilder();
            pod.getStatusBuilder().setPhase(phase);
            return pod.build();
        }

        private static Pod status(ContainerStatus.Builder container) {
            Pod.Builder pod = pod("web", "uid-1", 8).toBuilder();
            pod.getStatusBuilder().addInitContainerStatuses(container);
            return pod.build();
        }

        private static Pod deleted() {
            Pod.Builder pod = pod("web", "uid-1", 8).toBuilder();
            pod.getMetadataBuilder().setDeletionTimestamp(Time.newBuilder().setSeconds(1));
            return pod.build();
        }
    }

    @ParameterizedTest
    @EnumSource(Left.class)
    void is_left_to_the_kubelet(Left left) {
        server.put(left.pod);
        refused.refused(sandbox("web", "uid-1"), REFUSAL);

        await().until(() -> server.requests(GET) == 1);
        awaitIdle();
        assertThat(server.requests(PATCH)).isZero();
    }

    @Test
    void a_container_that_waits_has_not_run() {
        Pod.Builder pod = pod("web", "uid-1", 8).toBuilder();
        pod.getStatusBuilder().addContainerStatuses(ContainerStatus.newBuilder().setName("app"));
        server.put(pod.build());
        refused.refused(sandbox("web", "uid-1"), REFUSAL);

        await().until(() -> server.patches().size() == 1);
    }

    @Test
    void static_pods_and_those_with_an_earlier_sandbox_are_not_asked_for() {
        refused.refused(sandbox("etcd-n1", "uid-1", "file", 0), REFUSAL);
        refused.refused(sandbox("web", "uid-2", "api", 1), REFUSAL);
        awaitIdle();

        assertThat(server.requests(GET)).isZero();
    }

    @Test
    void a_conflict_is_tried_again_a_few_times() {
        server.put(pod("web", "uid-1", 8));
        server.fail(PATCH, 3, exchange -> server.status(exchange, 409, "the object has been modified"));
        refused.refused(sandbox("web", "uid-1"), REFUSAL);

        await().until(() -> server.patches().size() == 1);
        assertThat(server.requests(PATCH)).isEqualTo(4);
    }

    @Test
    void an_endless_conflict_is_left_to_the_kubelet_s_next_attempt() {
        server.put(pod("web", "uid-1", 8));
        server.fail(PATCH, 5, exchange -> server.status(exchange, 409, "the object has been modified"));
        refused.refused(sandbox("web", "uid-1"), REFUSAL);
        await().until(() -> server.requests(PATCH) == 5);
        awaitIdle();
        assertThat(server.patches()).isEmpty();

        refused.refused(sandbox("web", "uid-1"), REFUSAL);

        await().until(() -> server.patches().size() == 1);
    }

    @Test
    void a_server_that_is_away_is_tried_with_the_next_refusal() throws IOException {
        server.put(pod("web", "uid-1", 8));
        server.goAway();
        refused.refused(sandbox("web", "uid-1"), REFUSAL);
        awaitIdle();
        server.comeBack();

        await().until(() -> {
            refused.refused(sandbox("web", "uid-1"), REFUSAL);
            return server.patches().size() == 1;
        });
    }

    @Test
    void a_flood_of_refusals_is_bounded() {
        CountDownLatch flooded = new CountDownLatch(1);
        server.fail(GET, 1, exchange -> {
            flooded.await();
            server.status(exchange, 404, "not found");
        });
        refused.refused(sandbox("web", "first"), REFUSAL);
        await().until(() -> server.requests(GET) == 1);
        for (int i = 0; i < 10 * RefusedPods.MOST_WAITING; i++) {
            refused.refused(sandbox("web", "uid-" + i), REFUSAL);
        }
        flooded.countDown();

        int asked = 1 + RefusedPods.MOST_WAITING;
        await().atMost(Duration.ofSeconds(30)).until(() -> server.requests(GET) >= asked);
        awaitIdle();
        assertThat(server.requests(GET)).isEqualTo(asked);
    }

    /** Waits until the server has not been asked for a while. */
    private void awaitIdle() {
        int[] seen = {-1};
        await().pollInterval(Duration.ofMillis(200))
                .atMost(Duration.ofSeconds(30))
                .until(() -> {
                    int now = server.requests(GET) + server.requests(PATCH);
                    boolean isIdle = now == seen[0];
                    seen[0] = now;
                    return isIdle;
                });
    }
}
