package io.podslice.integration.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.podslice.agent.fleet.PodsFollower;
import io.podslice.agent.fleet.ShardArgument;
import io.podslice.cluster.ClusterOptions.ApiAccess;
import io.podslice.cluster.fleet.Fleet;
import io.podslice.proto.core.v1.Pod;
import io.podslice.proto.core.v1.PodStatus;
import io.podslice.proto.core.v1.Quantity;
import io.podslice.simulator.apiserver.ApiFault;
import io.podslice.simulator.apiserver.ApiFault.Request;
import io.podslice.simulator.apiserver.ApiOptions;
import io.podslice.simulator.apiserver.ApiServerDouble;
import io.podslice.simulator.cluster.NodeCredentials;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The pods of a cluster as they change, for people, programs and several readers. */
class FleetFollowTest {
    private static final Duration LONG = Duration.ofSeconds(40);

    @TempDir
    private Path folder;

    private ApiServerDouble server;
    private NodeCredentials credentials;
    private final List<Reader> readers = new ArrayList<>();

    @BeforeEach
    void start() {
        server = new ApiServerDouble(true, ApiOptions.DEFAULT);
        server.start();
        credentials = new NodeCredentials(folder, "reader", server);
        credentials.writeServiceAccount("token");
    }

    @AfterEach
    void end() throws Exception {
        for (Reader reader : readers) {
            reader.thread.interrupt();
            reader.thread.join();
        }
        server.close();
    }

    /** A {@code podslice fleet pods --watch}. */
    private final class Reader {
        private final StringWriter out = new StringWriter();
        private final StringWriter err = new StringWriter();
        private final Thread thread;

        Reader(Optional<ShardArgument> shard, boolean isJson) {
            ApiAccess access = new ApiAccess(
                    Optional.empty(), Optional.of(credentials.serviceAccount()), Optional.of(server.uri()));
            thread = Thread.ofVirtual().start(() -> {
                try (Fleet fleet = new Fleet(access, shard.map(ShardArgument::selector))) {
                    fleet.follow(
                            Optional.empty(),
                            new PodsFollower(false, isJson, new PrintWriter(out, true), new PrintWriter(err, true)));
                } catch (IOException e) {
                    err.append("ended: ").append(e.getMessage());
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            readers.add(this);
        }

        Reader() {
            this(Optional.empty(), false);
        }

        List<String> lines() {
            return out.toString().lines().toList();
        }

        void awaitLines(int count) {
            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(lines()).as(err.toString()).hasSize(count));
        }
    }

    private static Pod pod(String name, String cpus) {
        Pod.Builder pod = Pod.newBuilder();
        // Spread over the shards as real uids are; short texts that are alike are not.
        String uid =
                UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)).toString();
        pod.getMetadataBuilder().setName(name).setNamespace("shop").setUid(uid);
        pod.getSpecBuilder().setNodeName("node-1").addContainersBuilder().setName("app");
        pod.getSpecBuilder()
                .getResourcesBuilder()
                .putRequests("cpu", quantity(cpus))
                .putLimits("cpu", quantity(cpus))
                .putRequests("memory", quantity("1Gi"))
                .putLimits("memory", quantity("1Gi"));
        pod.getStatusBuilder().setPhase("Running");
        return pod.build();
    }

    private static Quantity quantity(String text) {
        return Quantity.newBuilder().setString(text).build();
    }

    @Test
    void whatChangesIsALineEach() {
        server.store().put(pod("database", "4"));
        server.store().put(pod("web", "2"));
        Reader reader = new Reader();
        reader.awaitLines(3);

        server.store().put(pod("database", "6"));
        server.store().put(pod("database", "6")); // changes nothing of what is shown
        server.store().put(pod("train", "8"));
        server.store()
                .put(pod("web", "2").toBuilder()
                        .setStatus(PodStatus.newBuilder().setPhase("Succeeded"))
                        .build());
        server.store().delete("shop", "train");
        reader.awaitLines(7);
        assertThat(reader.lines())
                .satisfiesExactly(
                        line -> assertThat(line).matches("EVENT +NAMESPACE +POD +NODE +PHASE +CPU .*"),
                        line -> assertThat(line).matches("ADDED +shop +database +node-1 +Running +4 +1Gi +pod .*"),
                        line -> assertThat(line).matches("ADDED +shop +web +node-1 +Running +2 .*"),
                        line -> assertThat(line).matches("MODIFIED +shop +database +node-1 +Running +6 .*"),
                        line -> assertThat(line).matches("ADDED +shop +train +node-1 +Running +8 .*"),
                        line -> assertThat(line).matches("DELETED +shop +web +node-1 +Succeeded +2 .*"),
                        line -> assertThat(line).matches("DELETED +shop +train +node-1 +Running +8 .*"));
        assertThat(reader.err.toString()).isEmpty();
    }

    @Test
    void aServerThatWasAwayHasLostNothing() {
        server.store().put(pod("database", "4"));
        Reader reader = new Reader();
        reader.awaitLines(2);
        server.goAway();
        await().atMost(LONG).until(() -> !reader.err.toString().isEmpty());
        server.store().put(pod("database", "6"));
        server.start();
        reader.awaitLines(3);
        assertThat(reader.lines().getLast()).startsWith("MODIFIED");
        assertThat(reader.err.toString()).startsWith("podslice fleet pods: ").contains("; going on");
    }

    @Test
    void aWatchThatIsCutGoesOnWhereItWas() {
        server.store().put(pod("database", "4"));
        Reader reader = new Reader();
        reader.awaitLines(2);
        for (int cpus = 5; cpus < 9; cpus++) {
            server.cutWatches();
            server.store().put(pod("database", Integer.toString(cpus)));
            reader.awaitLines(cpus - 2);
        }
        assertThat(server.faults().requests(Request.LIST)).isEqualTo(1);
    }

    @Test
    void changesThatTheServerHasForgottenAreFoundByReadingAnew() {
        server.store().put(pod("database", "4"));
        server.store().put(pod("web", "2"));
        server.store().put(pod("cache", "1"));
        Reader reader = new Reader();
        reader.awaitLines(4);
        server.goAway();
        server.store().put(pod("database", "6"));
        server.store().delete("shop", "web");
        server.store().put(pod("train", "8"));
        server.store().compact();
        server.start();
        reader.awaitLines(7);
        assertThat(reader.lines().subList(4, 7))
                .anyMatch(line -> line.matches("MODIFIED +shop +database .* 6 .*"))
                .anyMatch(line -> line.matches("ADDED +shop +train .*"))
                .anyMatch(line -> line.matches("DELETED +shop +web .*"));
        assertThat(server.faults().requests(Request.LIST)).isEqualTo(2);
    }

    @Test
    void aServerThatForbidsToWatchIsAnErrorThatSaysSo() {
        server.faults().always(Request.WATCH, new ApiFault.Refuse(403, "Forbidden", "pods is forbidden"));
        Reader reader = new Reader();
        await().atMost(LONG)
                .untilAsserted(() -> assertThat(reader.err.toString())
                        .startsWith("ended: ")
                        .endsWith("it needs the right to list and watch pods"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void eachChangeIsSeenByOneReader(boolean shards) {
        server.become(shards ? ApiOptions.DEFAULT.withShards() : ApiOptions.DEFAULT);
        for (int pod = 0; pod < 40; pod++) {
            server.store().put(pod("pod-" + pod, "2"));
        }
        for (int shard = 0; shard < 4; shard++) {
            var _ = new Reader(Optional.of(new ShardArgument(shard, 4)), true);
        }
        await().atMost(LONG).untilAsserted(() -> assertThat(events()).hasSize(40));
        for (int pod = 0; pod < 40; pod++) {
            server.store().put(pod("pod-" + pod, "4"));
            server.store().delete("shop", "pod-" + pod);
        }
        await().atMost(LONG).untilAsserted(() -> assertThat(events()).hasSize(120));
        assertThat(events()).doesNotHaveDuplicates();
        assertThat(readers)
                .allSatisfy(reader -> assertThat(reader.out.toString()).contains("DELETED"));
    }

    /** The events of all readers. */
    private List<String> events() {
        List<String> events = new ArrayList<>();
        JsonMapper mapper = new JsonMapper();
        for (Reader reader : readers) {
            try (var documents = mapper.readerFor(JsonNode.class).readValues(reader.out.toString())) {
                documents.forEachRemaining(event -> {
                    JsonNode it = (JsonNode) event;
                    events.add(it.path("type").asString() + " "
                            + it.at("/pod/name").asString());
                });
            }
        }
        return events;
    }
}
