package io.podslice.integration.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.podslice.cluster.ClusterOptions.ApiAccess;
import io.podslice.cluster.ServerAccess;
import io.podslice.cluster.apiserver.NodeName;
import io.podslice.cluster.events.PodEvents;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.Door;
import io.podslice.node.NodeCounter;
import io.podslice.node.NodeIncident;
import io.podslice.node.NodeMeter;
import io.podslice.node.NodeRequest;
import io.podslice.node.PodName;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.Refusal;
import io.podslice.simulator.apiserver.ApiFault;
import io.podslice.simulator.apiserver.ApiFault.Request;
import io.podslice.simulator.apiserver.ApiOptions;
import io.podslice.simulator.apiserver.ApiServerDouble;
import io.podslice.simulator.apiserver.EventStore;
import io.podslice.simulator.cluster.NodeCredentials;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Events at an API server that goes away, refuses, forgets, and is told of a storm. */
class PodEventsTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(40);

    @TempDir
    private Path folder;

    private final ApiServerDouble server = new ApiServerDouble(true, ApiOptions.DEFAULT);
    private final EventStore store = server.events();
    private final Map<String, Integer> counted = new ConcurrentHashMap<>();
    private ServerAccess access;
    private PodEvents events;

    @BeforeEach
    void start() {
        server.start();
        NodeCredentials credentials = new NodeCredentials(folder, "node-a", server);
        Instant now = Instant.now();
        credentials.writeKubeconfig(now.minusSeconds(60), now.plusSeconds(3600));
        access = new ServerAccess(
                new ApiAccess(Optional.of(credentials.kubeconfig()), Optional.empty(), Optional.empty()));
        events = new PodEvents(
                access.server(), new NodeName(Optional.empty(), Optional.of(access.server())), new NodeMeter() {
                    @Override
                    public void decided(Door door, NodeRequest request, Duration took) {}

                    @Override
                    public void held(Door door, NodeRequest request, Duration took) {}

                    @Override
                    public void count(NodeCounter counter, String... labels) {
                        assertThat(counter).isEqualTo(NodeCounter.EVENTS);
                        assertThat(counter.bounded(labels)).isEqualTo(labels);
                        counted.merge(labels[0], 1, Integer::sum);
                    }
                });
    }

    @AfterEach
    void end() {
        events.close();
        access.close();
        server.close();
    }

    private static NodeIncident refused(String pod) {
        PodSandboxRequest sandbox = new PodSandboxRequest(
                pod + "-uid",
                "default",
                pod,
                0,
                "/kubepods/pod" + pod,
                Map.of(),
                Map.of(),
                LinuxResources.NONE,
                LinuxResources.NONE);
        return new NodeIncident.Refused(
                Door.CRI,
                new NodeRequest.RunPodSandbox(sandbox),
                new Refusal("TopologyAffinityError", Refusal.Kind.EXHAUSTED, "no room for \"8\" CPUs"));
    }

    private void granted(String namespace, String pod) {
        events.note(new NodeIncident.Granted(new PodName(pod + "-uid", namespace, pod), "has 4"));
    }

    private int series(int index) {
        return store.all().get(index).at("/series/count").asInt(1);
    }

    private void awaitEvents(int count) {
        await().atMost(TIMEOUT).untilAsserted(() -> assertThat(store.all()).hasSize(count));
    }

    @Test
    void tenThousandRefusalsOfOnePodAreAHandfulOfRequests() {
        for (int i = 0; i < 10_000; i++) {
            events.note(refused("db"));
        }
        await().atMost(TIMEOUT).untilAsserted(() -> assertThat(series(0)).isGreaterThan(1));
        assertThat(server.faults().requests(Request.EVENT)).isLessThanOrEqualTo(3);
        assertThat(store.all()).singleElement().satisfies(event -> {
            assertThat(event.path("note").asString("")).isEqualTo("TopologyAffinityError: no room for \"8\" CPUs");
            assertThat(event.at("/regarding/name").asString("")).isEqualTo("db");
            assertThat(event.path("reportingInstance").asString("")).isEqualTo("node-a");
        });
        await().atMost(TIMEOUT)
                .untilAsserted(() ->
                        assertThat(counted).containsEntry("aggregated", 9_999).containsEntry("created", 1));
    }

    @Test
    void aServerThatIsAwayHoldsNothingUpAndGetsThemWhenItIsBack() {
        server.goAway();
        granted("default", "db");
        for (int i = 0; i < 5; i++) {
            events.note(refused("other"));
        }
        await().atMost(TIMEOUT).untilAsserted(() -> assertThat(counted).containsKey("error"));
        server.start();
        awaitEvents(2);
        assertThat(series(1)).isEqualTo(5);
        assertThat(counted).doesNotContainKey("dropped");
    }

    @Test
    void missingRightsAreAnErrorAndComeLater() {
        store.permit(false);
        granted("default", "db");
        await().atMost(TIMEOUT).untilAsserted(() -> assertThat(counted).containsEntry("error", 1));
        store.permit(true);
        granted("default", "other");
        awaitEvents(1);
        assertThat(store.all().getFirst().at("/regarding/name").asString("")).isEqualTo("other");
    }

    @Test
    void anEventThatHasExpiredIsCreatedAnewWithItsSeries() {
        events.note(refused("db"));
        awaitEvents(1);
        store.expire();
        events.note(refused("db"));
        awaitEvents(1);
        assertThat(series(0)).isEqualTo(2);
    }

    @Test
    void aNamespaceThatHasGoneHoldsUpNoOther() {
        store.removeNamespace("gone");
        granted("gone", "db");
        granted("default", "other");
        awaitEvents(1);
        await().atMost(TIMEOUT)
                .untilAsserted(
                        () -> assertThat(counted).containsEntry("error", 1).containsEntry("created", 1));
    }

    @Test
    void aServerThatIsBusyIsAskedAgain() {
        server.faults().next(Request.EVENT, new ApiFault.Refuse(503, "ServiceUnavailable", "later"));
        granted("default", "db");
        awaitEvents(1);
        granted("default", "other");
        awaitEvents(2);
        await().atMost(TIMEOUT)
                .untilAsserted(
                        () -> assertThat(counted).containsEntry("created", 2).containsEntry("error", 1));
    }
}
