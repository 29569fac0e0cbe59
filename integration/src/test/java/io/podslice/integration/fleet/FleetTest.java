package io.podslice.integration.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podslice.agent.fleet.FleetJson;
import io.podslice.agent.fleet.FleetPods;
import io.podslice.agent.fleet.FleetReading;
import io.podslice.agent.fleet.FleetTable;
import io.podslice.agent.fleet.ShardArgument;
import io.podslice.cluster.ClusterOptions.ApiAccess;
import io.podslice.cluster.apiserver.ObjectList.ShardedBy;
import io.podslice.cluster.fleet.Fleet;
import io.podslice.cluster.fleet.FleetCount;
import io.podslice.cluster.fleet.FleetNode;
import io.podslice.cluster.fleet.FleetPod;
import io.podslice.cluster.fleet.Taker;
import io.podslice.cluster.shard.ShardSelector;
import io.podslice.proto.core.v1.Pod;
import io.podslice.proto.core.v1.PodStatus;
import io.podslice.simulator.apiserver.ApiFault;
import io.podslice.simulator.apiserver.ApiOptions;
import io.podslice.simulator.apiserver.ApiServerDouble;
import io.podslice.simulator.cluster.NodeCredentials;
import io.podslice.simulator.cluster.SimulatedFleet;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The nodes and pods of a cluster, whole and in shards, at API servers of several kinds. */
class FleetTest {
    private static final int NODES = 60;
    private static final int PODS = 1300;

    @TempDir
    private Path folder;

    private ApiServerDouble server;
    private NodeCredentials credentials;

    @BeforeEach
    void start() {
        server = new ApiServerDouble(true, ApiOptions.DEFAULT);
        server.start();
        credentials = new NodeCredentials(folder, "reader", server);
        credentials.writeServiceAccount("token");
        SimulatedFleet.fill(server, NODES, PODS, 1);
    }

    @AfterEach
    void end() {
        server.close();
    }

    private Fleet fleet(Optional<ShardSelector> shard) {
        return new Fleet(
                new ApiAccess(Optional.empty(), Optional.of(credentials.serviceAccount()), Optional.of(server.uri())),
                shard);
    }

    /** Keeps the objects of a collection. */
    private static final class Kept<T> implements Taker<T> {
        private final Function<T, String> key;
        private final List<String> keys = new ArrayList<>();

        Kept(Function<T, String> key) {
            this.key = key;
        }

        @Override
        public void begin() {
            keys.clear();
        }

        @Override
        public void take(T object) {
            keys.add(key.apply(object));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1, true, true",
        "1, false, true",
        "4, true, true",
        "4, false, true",
        "4, true, false",
        "16, true, true",
        "16, false, false"
    })
    void eachObjectIsSeenOnceByOneReader(int readers, boolean shards, boolean protobuf) throws IOException {
        ApiOptions options = shards ? ApiOptions.DEFAULT.withShards() : ApiOptions.DEFAULT;
        server.become(protobuf ? options : options.withoutProtobuf());
        Kept<FleetNode> all = new Kept<>(FleetNode::name);
        List<String> nodes = new ArrayList<>();
        List<String> pods = new ArrayList<>();
        for (int reader = 0; reader < readers; reader++) {
            try (Fleet fleet = fleet(Optional.of(ShardSelector.part(reader, readers)))) {
                Kept<FleetNode> itsNodes = new Kept<>(FleetNode::name);
                Kept<FleetPod> itsPods = new Kept<>(FleetPod::uid);
                FleetCount nodeCount = fleet.nodes(itsNodes);
                FleetCount podCount = fleet.pods(Optional.empty(), itsPods);
                assertThat(podCount.outcome().shardedBy()).isEqualTo(shards ? ShardedBy.SERVER : ShardedBy.CLIENT);
                // The server does not say so of custom resources.
                assertThat(nodeCount.outcome().shardedBy()).isEqualTo(ShardedBy.CLIENT);
                assertThat(nodeCount.unreadable() + podCount.unreadable()).isZero();
                assertThat(podCount.objects() + podCount.others()).isEqualTo(shards ? itsPods.keys.size() : PODS);
                assertThat(nodeCount.objects() + nodeCount.others()).isEqualTo(shards ? itsNodes.keys.size() : NODES);
                nodes.addAll(itsNodes.keys);
                pods.addAll(itsPods.keys);
            }
        }
        try (Fleet fleet = fleet(Optional.empty())) {
            assertThat(fleet.nodes(all).outcome().shardedBy()).isEqualTo(ShardedBy.NOTHING);
            Kept<FleetPod> allPods = new Kept<>(FleetPod::uid);
            assertThat(fleet.pods(Optional.empty(), allPods).outcome().pages()).isEqualTo(3);
            assertThat(nodes).doesNotHaveDuplicates().hasSize(NODES).containsExactlyInAnyOrderElementsOf(all.keys);
            assertThat(pods).doesNotHaveDuplicates().hasSize(PODS).containsExactlyInAnyOrderElementsOf(allPods.keys);
        }
    }

    @Test
    void theSumsOfTheShardsAreTheWhole() throws IOException {
        long[] sums = new long[4];
        JsonNode whole = status(Optional.empty());
        for (int shard = 0; shard < 4; shard++) {
            for (JsonNode node :
                    status(Optional.of(new ShardArgument(shard, 4))).path("nodes")) {
                add(sums, node);
            }
        }
        long[] expected = new long[4];
        whole.path("nodes").forEach(node -> add(expected, node));
        assertThat(sums).isEqualTo(expected);
        assertThat(expected[0]).isEqualTo(PODS);
        assertThat(expected[1]).isEqualTo(NODES * 2L);
        assertThat(expected[3]).isPositive();
    }

    private static void add(long[] sums, JsonNode node) {
        sums[0] += node.path("pods").asLong();
        sums[1] += node.path("zones").size();
        sums[2] += node.path("requestedCpuMillis").asLong();
        sums[3] += node.path("podslicePods").asLong();
    }

    private JsonNode status(Optional<ShardArgument> shard) throws IOException {
        try (Fleet fleet = fleet(shard.map(ShardArgument::selector))) {
            return json(out -> FleetJson.write(FleetReading.of(fleet), shard, out));
        }
    }

    /** Writes JSON. */
    private interface Written {
        void to(PrintWriter out) throws IOException;
    }

    private static JsonNode json(Written written) throws IOException {
        StringWriter text = new StringWriter();
        try (PrintWriter out = new PrintWriter(text)) {
            written.to(out);
        }
        assertThat(text.toString()).endsWith("}\n");
        return new JsonMapper().readTree(text.toString());
    }

    @Test
    void theCpusThatPodsAskForAreThoseThatAreTaken() throws IOException {
        for (JsonNode node : status(Optional.empty()).path("nodes")) {
            long taken = 0;
            for (JsonNode zone : node.path("zones")) {
                JsonNode cpus = zone.path("cpuMillis");
                taken += cpus.path("allocatable").asLong()
                        - cpus.path("available").asLong();
            }
            assertThat(node.path("exclusiveCpusAsked").asLong() * 1000)
                    .as(node.toString())
                    .isEqualTo(taken);
        }
    }

    @Test
    void peopleGetALineForEachNode() throws IOException {
        server.store().put(pod("alone", "elsewhere", "uid-1"));
        server.store().put(pod("waits", "", "uid-2"));
        server.store()
                .put(pod("ended", "node-00000", "uid-3").toBuilder()
                        .setStatus(PodStatus.newBuilder().setPhase("Succeeded"))
                        .build());
        try (Fleet fleet = fleet(Optional.empty())) {
            String text = new FleetTable(Instant.now().plusSeconds(600)).text(FleetReading.of(fleet), Optional.empty());
            assertThat(text.lines().findFirst().orElseThrow())
                    .startsWith("NODE ")
                    .contains("POLICY", "BY NUMA NODE");
            assertThat(text.lines()).hasSize(1 + NODES + 1 + 2);
            assertThat(text)
                    .containsPattern("node-00000 +single-numa-node/pod +64 +\\d+ +\\d+ +\\d+ of 31 \\+ \\d+ of 31"
                            + " +22 +5 +- +10m\n");
            assertThat(text).containsPattern("elsewhere +- +- +- +- +- +1 +0 +- +-\n");
            assertThat(text)
                    .contains(
                            NODES + " nodes with a NodeResourceTopology object, 1 without; " + NODES * 64 + " CPUs, ",
                            "; 1 pods wait for a node");
        }
    }

    private static Pod pod(String name, String node, String uid) {
        Pod.Builder pod = Pod.newBuilder();
        pod.getMetadataBuilder().setName(name).setNamespace("default").setUid(uid);
        pod.getSpecBuilder().setNodeName(node).addContainersBuilder().setName("app");
        return pod.build();
    }

    @Test
    void podsOfOneNodeAndOfPodslice() throws IOException {
        try (Fleet fleet = fleet(Optional.empty())) {
            FleetPods all = FleetPods.of(fleet, Optional.of("node-00007"), true);
            FleetPods concerned = FleetPods.of(fleet, Optional.of("node-00007"), false);
            assertThat(all.rows().size()).isGreaterThan(concerned.rows().size());
            assertThat(concerned.table(Optional.empty()))
                    .containsPattern("team-\\d+ +database-\\d+ +node-00007 +Running +(\\d) +\\1Gi +pod +\\1 +-\n")
                    .contains(concerned.rows().size() + " of " + all.rows().size() + " pods");
            assertThat(json(out -> all.writeJson(Optional.empty(), out)).path("pods"))
                    .hasSize(all.rows().size());
        }
    }

    @Test
    void aListThatExpiresIsBegunAnew() throws IOException {
        List<String> uids = new ArrayList<>();
        try (Fleet fleet = fleet(Optional.empty())) {
            FleetCount count = fleet.pods(Optional.empty(), new Taker<>() {
                private int begins;

                @Override
                public void begin() {
                    uids.clear();
                    begins++;
                }

                @Override
                public void take(FleetPod pod) {
                    uids.add(pod.uid());
                    if (begins == 1 && uids.size() == 10) {
                        server.store().put(pod("new", "node-00000", "uid-new"));
                        server.store().compact();
                    }
                }
            });
            assertThat(count.outcome().begins()).isEqualTo(2);
            assertThat(count.objects()).isEqualTo(PODS + 1);
            assertThat(uids).hasSize(PODS + 1).doesNotHaveDuplicates();
        }
    }

    @Test
    void aListThatExpiresAgainAndAgainIsGivenUp() {
        server.faults().always(ApiFault.Request.LIST, new ApiFault.Refuse(410, "Expired", "too old"));
        try (Fleet fleet = fleet(Optional.empty())) {
            assertThatThrownBy(() -> fleet.pods(Optional.empty(), new Kept<>(FleetPod::uid)))
                    .hasMessageContaining("410: too old");
        }
        assertThat(server.faults().requests(ApiFault.Request.LIST)).isEqualTo(3);
    }

    /** The HTTP client reports a connection that ends early with the answer's body, or in place of the answer if it hears of it sooner. */
    @Test
    void aListThatBreaksIsAnError() {
        server.faults().next(ApiFault.Request.LIST, new ApiFault.Truncate(5000));
        try (Fleet fleet = fleet(Optional.empty())) {
            assertThatThrownBy(() -> fleet.pods(Optional.empty(), new Kept<>(FleetPod::uid)))
                    .isInstanceOf(IOException.class)
                    .message()
                    .containsAnyOf("the connection broke", "cannot be reached");
        }
    }

    @Test
    void aPodThatCannotBeReadIsAPod() throws IOException {
        Pod.Builder odd = pod("odd", "node-00001", "uid-odd").toBuilder();
        odd.getSpecBuilder().getContainersBuilder(0).setName("Not a name");
        server.store().put(odd.build());
        try (Fleet fleet = fleet(Optional.empty())) {
            FleetPods pods = FleetPods.of(fleet, Optional.of("node-00001"), true);
            assertThat(pods.table(Optional.empty())).containsPattern("default +odd +node-00001 .*Not a name");
        }
    }

    @Test
    void whatTheServerRefusesIsSaidWithWhatToDo() {
        server.topologies().permit(false);
        try (Fleet fleet = fleet(Optional.empty())) {
            assertThatThrownBy(() -> FleetReading.of(fleet))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("403")
                    .hasMessageEndingWith("it needs the right to list noderesourcetopologies.topology.node.k8s.io");
            server.topologies().install(false);
            assertThatThrownBy(() -> FleetReading.of(fleet))
                    .hasMessageEndingWith("the cluster lacks the CustomResourceDefinition of"
                            + " noderesourcetopologies.topology.node.k8s.io, version v1alpha2");
        }
    }
}
