package io.podslice.integration.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.podslice.agent.api.NodeApiClient;
import io.podslice.agent.fleet.FleetReading;
import io.podslice.agent.fleet.FleetTable;
import io.podslice.agent.fleet.PodsFollower;
import io.podslice.agent.publish.Publisher;
import io.podslice.cluster.ClusterOptions.ApiAccess;
import io.podslice.cluster.ServerAccess;
import io.podslice.cluster.apiserver.ApiException;
import io.podslice.cluster.apiserver.Deadline;
import io.podslice.cluster.apiserver.NodeName;
import io.podslice.cluster.apiserver.ObjectList.ShardedBy;
import io.podslice.cluster.events.PodEvents;
import io.podslice.cluster.fleet.Fleet;
import io.podslice.cluster.fleet.FleetCount;
import io.podslice.cluster.fleet.FleetNode;
import io.podslice.cluster.fleet.FleetPod;
import io.podslice.cluster.fleet.Taker;
import io.podslice.cluster.shard.ShardSelector;
import io.podslice.cluster.topology.TopologyObjects;
import io.podslice.integration.apiserver.RealApiServer;
import io.podslice.integration.cluster.ClusterNode.Options;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.Door;
import io.podslice.node.NodeCounter;
import io.podslice.node.NodeIncident;
import io.podslice.node.NodeMeter;
import io.podslice.node.NodeRequest;
import io.podslice.node.PodName;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.Refusal;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What podslice writes to an API server, and reads of a whole cluster, where a real one rules on it. */
@Tag("cluster")
@Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class InRealApiServerTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final JsonMapper JSON = new JsonMapper();
    private static final String TOPOLOGIES = "/apis/topology.node.k8s.io/v1alpha2/noderesourcetopologies";
    private static final String DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
    private static final String RBAC = "/apis/rbac.authorization.k8s.io/v1/";
    private static final Path DOCS = Path.of("..", "docs");
    private static final int PODS = 60;

    @TempDir
    private Path folder;

    private Path assets = Path.of("");

    @BeforeEach
    void theProgramsAreThere() {
        String set = System.getenv(RealApiServer.ASSETS);
        assumeTrue(
                set != null && !set.isEmpty(),
                RealApiServer.ASSETS + " is not set, which names a folder with etcd and kube-apiserver");
        assets = Path.of(String.valueOf(set));
    }

    private static JsonNode good(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 299);
        return JSON.readTree(answer.body());
    }

    /** Makes the objects of a file of docs/, but not those of a kind. */
    private static void make(RealApiServer server, String file, String butKind) throws Exception {
        for (String manifest : Files.readString(DOCS.resolve(file)).split("(?m)^---$", -1)) {
            if (butKind.isEmpty() || !manifest.contains("\nkind: " + butKind + "\n")) {
                good(server.send("POST", collection(manifest), manifest));
            }
        }
    }

    private static String collection(String manifest) {
        String kind = manifest.replaceFirst("(?s).*?(?m)^kind: (\\w+)$.*", "$1");
        return switch (kind) {
            case "Namespace" -> "/api/v1/namespaces";
            case "ServiceAccount" -> "/api/v1/namespaces/podslice/serviceaccounts";
            case "ClusterRole" -> RBAC + "clusterroles";
            case "ClusterRoleBinding" -> RBAC + "clusterrolebindings";
            default -> throw new IllegalArgumentException("no collection of kind " + kind);
        };
    }

    private void makeDefinition(RealApiServer server) throws Exception {
        good(server.send(
                "POST", DEFINITIONS, Files.readString(Path.of("src/test/resources/noderesourcetopologies.yaml"))));
        await().atMost(TIMEOUT)
                .ignoreExceptions()
                .until(() -> server.send("GET", TOPOLOGIES, "").statusCode() == 200);
    }

    private static String makeNode(RealApiServer server, String name) throws Exception {
        return good(server.send(
                        "POST", "/api/v1/nodes", "{apiVersion: v1, kind: Node, metadata: {name: " + name + "}}"))
                .at("/metadata/uid")
                .asString();
    }

    private ApiAccess as(RealApiServer server, String account, String token) throws IOException {
        Path place = folder.resolve(account);
        server.writeServiceAccount(place, token);
        return new ApiAccess(Optional.empty(), Optional.of(place), Optional.of(server.address()));
    }

    private static String token(RealApiServer server, String account) throws Exception {
        return good(server.send(
                        "POST",
                        "/api/v1/namespaces/podslice/serviceaccounts/" + account + "/token",
                        "{apiVersion: authentication.k8s.io/v1, kind: TokenRequest, spec: {}}"))
                .at("/status/token")
                .asString();
    }

    @Test
    void theObjectOfANodeIsTakenWithTheDocumentedRights() throws Exception {
        StringWriter err = new StringWriter();
        try (RealApiServer server = RealApiServer.start(assets, folder.resolve("server"));
                ClusterNode node = new ClusterNode(Options.of(Way.ANNOTATION));
                NodeApiClient client = new NodeApiClient(node.folder.resolve("podslice.sock"))) {
            make(server, "publish-rbac.yaml", "ClusterRoleBinding");
            String uid = makeNode(server, "node-a");
            ApiAccess access = as(server, "publish", token(server, "podslice-publish"));
            try (TopologyObjects objects = new TopologyObjects(access, Optional.of("node-a"))) {
                Function<Boolean, Publisher> publisher = force -> new Publisher(
                        node.folder.resolve("podslice.sock"),
                        client,
                        objects,
                        force,
                        Publisher.Times.DEFAULT,
                        new PrintWriter(new StringWriter()),
                        new PrintWriter(err, true));
                assertThat(publisher.apply(false).once()).isFalse();
                assertThat(err.toString())
                        .contains("answers 403", "it needs the rights to create and patch", "the right to get nodes");

                for (String manifest :
                        Files.readString(DOCS.resolve("publish-rbac.yaml")).split("(?m)^---$", -1)) {
                    if (manifest.contains("kind: ClusterRoleBinding")) {
                        good(server.send("POST", collection(manifest), manifest));
                    }
                }
                err.getBuffer().setLength(0);
                await().atMost(TIMEOUT).untilAsserted(() -> {
                    publisher.apply(false).once();
                    assertThat(err.toString())
                            .contains("answers 404", "the cluster lacks the CustomResourceDefinition");
                });

                makeDefinition(server);
                err.getBuffer().setLength(0);
                assertThat(publisher.apply(false).once()).as(err.toString()).isTrue();
                JsonNode object = good(server.send("GET", TOPOLOGIES + "/node-a", ""));
                assertThat(object.at("/metadata/managedFields/0/manager").asString())
                        .isEqualTo(TopologyObjects.MANAGER);
                assertThat(object.at("/metadata/ownerReferences/0/uid").asString())
                        .isEqualTo(uid);
                assertThat(object.path("zones")).isEqualTo(wanted(node, client).path("zones"));

                // What pods take is in the next one.
                node.kubelet.run(node.prepared(ClusterNode.pod("database", 4, 3)));
                assertThat(publisher.apply(false).once()).isTrue();
                JsonNode taken = good(server.send("GET", TOPOLOGIES + "/node-a", ""));
                assertThat(taken.path("zones"))
                        .isNotEqualTo(object.path("zones"))
                        .isEqualTo(wanted(node, client).path("zones"));

                anotherProducer(server, err, publisher);
            }
            try (TopologyObjects stranger =
                    new TopologyObjects(as(server, "stranger", "no-such-token"), Optional.of("node-a"))) {
                err.getBuffer().setLength(0);
                assertThat(new Publisher(
                                        node.folder.resolve("podslice.sock"),
                                        client,
                                        stranger,
                                        false,
                                        Publisher.Times.DEFAULT,
                                        new PrintWriter(new StringWriter()),
                                        new PrintWriter(err, true))
                                .once())
                        .isFalse();
                assertThat(err.toString()).contains("answers 401", "the credentials are not taken");
            }
        }
    }

    private static JsonNode wanted(ClusterNode node, NodeApiClient client) throws IOException {
        return JSON.readTree(Publisher.object(
                node.folder.resolve("podslice.sock"), client, "node-a", new PrintWriter(new StringWriter())));
    }

    private static void anotherProducer(RealApiServer server, StringWriter err, Function<Boolean, Publisher> publisher)
            throws Exception {
        good(server.send(
                "PATCH",
                TOPOLOGIES + "/node-a?fieldManager=nfd-master&force=true",
                "application/apply-patch+yaml",
                """
                apiVersion: topology.node.k8s.io/v1alpha2
                kind: NodeResourceTopology
                metadata: {name: node-a}
                zones: [{name: node-0, type: Node}]
                """));
        err.getBuffer().setLength(0);
        assertThat(publisher.apply(false).once()).isFalse();
        assertThat(err.toString())
                .contains("answers 409", "nfd-master", "another producer writes the object node-a", "--force");
        assertThat(good(server.send("GET", TOPOLOGIES + "/node-a", "")).path("zones"))
                .hasSize(1);
        assertThat(publisher.apply(true).once()).isTrue();
        assertThat(good(server.send("GET", TOPOLOGIES + "/node-a", "")).path("zones"))
                .hasSize(2);
    }

    @Test
    void eventsAreWrittenUpdatedAndMadeAnew() throws Exception {
        Map<String, Integer> counted = new ConcurrentHashMap<>();
        NodeMeter meter = new NodeMeter() {
            @Override
            public void count(NodeCounter counter, String... labels) {
                counted.merge(labels[0], 1, Integer::sum);
            }
        };
        try (RealApiServer server = RealApiServer.start(assets, folder.resolve("server"));
                ServerAccess access = new ServerAccess(asKubelet(server))) {
            for (String name : List.of("shop", "going")) {
                good(server.send(
                        "POST",
                        "/api/v1/namespaces",
                        "{apiVersion: v1, kind: Namespace, metadata: {name: " + name + "}}"));
            }
            // Nothing empties it, so it goes on going.
            good(server.send("DELETE", "/api/v1/namespaces/going", ""));
            try (PodEvents events =
                    new PodEvents(access.server(), new NodeName(Optional.of("node-a"), Optional.empty()), meter)) {
                events.note(granted("shop", "early"));
                await().atMost(TIMEOUT)
                        .untilAsserted(() -> assertThat(counted).containsEntry("error", 1)); // it has no right yet
            }
            counted.clear();
            make(server, "events-rbac.yaml", "");
            await().atMost(TIMEOUT).until(() -> mayWriteEvents(access));
            try (PodEvents events =
                    new PodEvents(access.server(), new NodeName(Optional.of("node-a"), Optional.empty()), meter)) {
                events.note(granted("going", "db"));
                events.note(granted("never-was", "db"));
                events.note(granted("shop", "db"));
                for (int i = 0; i < 5; i++) {
                    events.note(refused("other"));
                }
                await().atMost(TIMEOUT)
                        .untilAsserted(() -> assertThat(eventsOf(server)).hasSize(2));
                await().atMost(TIMEOUT)
                        .untilAsserted(() -> assertThat(eventsOf(server, "other")
                                        .at("/series/count")
                                        .asInt(1))
                                .isEqualTo(5));
                JsonNode refusal = eventsOf(server, "other");
                assertThat(refusal.path("note").asString()).isEqualTo("TopologyAffinityError: no room for \"8\" CPUs");
                assertThat(refusal.path("type").asString()).isEqualTo("Warning");
                assertThat(refusal.path("reportingInstance").asString()).isEqualTo("node-a");
                assertThat(counted).containsEntry("error", 2); // the namespaces that go, or were never there

                // As `kubectl describe pod` looks for it.
                assertThat(good(server.send(
                                        "GET",
                                        "/api/v1/namespaces/shop/events?fieldSelector=involvedObject.name=db,"
                                                + "involvedObject.uid=shop-uid",
                                        ""))
                                .path("items"))
                        .hasSize(1);

                // It has expired, as the API server lets all events after an hour.
                String name = refusal.at("/metadata/name").asString();
                good(server.send("DELETE", "/apis/events.k8s.io/v1/namespaces/shop/events/" + name, ""));
            }
            try (PodEvents events =
                    new PodEvents(access.server(), new NodeName(Optional.of("node-a"), Optional.empty()), meter)) {
                events.note(refused("late"));
                await().atMost(TIMEOUT)
                        .untilAsserted(() -> assertThat(eventsOf(server)).hasSize(2));
                String name = eventsOf(server, "late").at("/metadata/name").asString();
                good(server.send("DELETE", "/apis/events.k8s.io/v1/namespaces/shop/events/" + name, ""));
                events.note(refused("late"));
                await().atMost(TIMEOUT)
                        .untilAsserted(() -> assertThat(eventsOf(server, "late")
                                        .at("/series/count")
                                        .asInt(1))
                                .isEqualTo(2));
            }
            assertThat(counted).containsEntry("error", 2).doesNotContainKey("dropped");
        }
    }

    private ApiAccess asKubelet(RealApiServer server) throws IOException {
        Path config = folder.resolve("kubelet.conf");
        server.writeKubeletConfig(config);
        return new ApiAccess(Optional.of(config), Optional.empty(), Optional.empty());
    }

    /** Tells if the server has taken note of the role: with the right, an event that is none is invalid. */
    private static boolean mayWriteEvents(ServerAccess access) throws IOException {
        try {
            access.server().create("/apis/events.k8s.io/v1/namespaces/shop/events", "{}", Deadline.in(TIMEOUT));
            return true;
        } catch (ApiException e) {
            return e.code() != 403;
        }
    }

    private static JsonNode eventsOf(RealApiServer server) throws Exception {
        return good(server.send("GET", "/apis/events.k8s.io/v1/namespaces/shop/events", ""))
                .path("items");
    }

    private static JsonNode eventsOf(RealApiServer server, String pod) throws Exception {
        for (JsonNode event : eventsOf(server)) {
            if (event.at("/regarding/name").asString().equals(pod)) {
                return event;
            }
        }
        return JSON.createObjectNode();
    }

    private static NodeIncident granted(String namespace, String pod) {
        return new NodeIncident.Granted(new PodName(namespace + "-uid", namespace, pod), "has 4");
    }

    private static NodeIncident refused(String pod) {
        PodSandboxRequest sandbox = new PodSandboxRequest(
                pod + "-uid",
                "shop",
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

    @Test
    void aServerThatKnowsShardsGivesEachReaderItsOwn() throws Exception {
        fleet(ShardedBy.SERVER, "--feature-gates=ShardedListAndWatch=true");
    }

    @Test
    void aServerThatKnowsNoShardsGivesAllAndEachReaderKeepsItsOwn() throws Exception {
        fleet(ShardedBy.CLIENT);
    }

    private void fleet(ShardedBy by, String... flags) throws Exception {
        try (RealApiServer server = RealApiServer.start(assets, folder.resolve("server"), flags)) {
            makeDefinition(server);
            good(server.send(
                    "POST", "/api/v1/namespaces", "{apiVersion: v1, kind: Namespace, metadata: {name: shop}}"));
            for (int node = 0; node < 6; node++) {
                good(server.send("POST", TOPOLOGIES, """
                        apiVersion: topology.node.k8s.io/v1alpha2
                        kind: NodeResourceTopology
                        metadata: {name: node-%d}
                        attributes: [{name: topologyManagerPolicy, value: restricted}]
                        zones:
                        - {name: node-0, type: Node, resources: [{name: cpu, capacity: 8, allocatable: 7, available: 5}]}
                        - {name: node-1, type: Node, resources: [{name: cpu, capacity: 8, allocatable: 8, available: 8}]}
                        """.formatted(node)));
            }
            for (int pod = 0; pod < PODS; pod++) {
                makePod(server, "pod-" + pod, pod % 6);
            }
            ApiAccess access = as(server, "admin", server.administrator());
            List<String> nodes = new ArrayList<>();
            List<String> pods = new ArrayList<>();
            for (int reader = 0; reader < 4; reader++) {
                try (Fleet fleet = new Fleet(access, Optional.of(ShardSelector.part(reader, 4)))) {
                    FleetCount podCount = fleet.pods(Optional.empty(), (Keeper<FleetPod>) pod -> pods.add(pod.uid()));
                    FleetCount nodeCount = fleet.nodes((Keeper<FleetNode>) node -> nodes.add(node.name()));
                    assertThat(podCount.outcome().shardedBy()).isEqualTo(by);
                    // Of custom resources the server sends the shard alone, but does not say so.
                    assertThat(nodeCount.outcome().shardedBy()).isEqualTo(ShardedBy.CLIENT);
                    for (FleetCount count : List.of(podCount, nodeCount)) {
                        assertThat(count.others() > 0).isEqualTo(by == ShardedBy.CLIENT);
                    }
                }
            }
            assertThat(pods).hasSize(PODS).doesNotHaveDuplicates();
            assertThat(nodes).hasSize(6).doesNotHaveDuplicates();
            changesAreSeenOnce(server, access);
            try (Fleet fleet = new Fleet(access, Optional.empty())) {
                FleetReading reading = FleetReading.of(fleet);
                assertThat(new FleetTable(Instant.now()).text(reading, Optional.empty()))
                        .containsPattern("node-3 +restricted.* 5 of 7 \\+ 8 of 8 +10 ")
                        .contains("6 nodes with a NodeResourceTopology object; 96 CPUs");
            }
        }
    }

    private static void makePod(RealApiServer server, String name, int node) throws Exception {
        good(server.send("POST", "/api/v1/namespaces/shop/pods", """
                apiVersion: v1
                kind: Pod
                metadata: {name: %s}
                spec:
                  nodeName: node-%d
                  automountServiceAccountToken: false
                  containers: [{name: app, image: app, resources: {requests: {cpu: 100m}}}]
                """.formatted(name, node)));
    }

    /** Follows the pods by four readers, while half of them are removed. */
    private static void changesAreSeenOnce(RealApiServer server, ApiAccess access) throws Exception {
        List<StringWriter> outs = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int reader = 0; reader < 4; reader++) {
            ShardSelector shard = ShardSelector.part(reader, 4);
            StringWriter out = new StringWriter();
            outs.add(out);
            threads.add(Thread.ofVirtual().start(() -> {
                try (Fleet fleet = new Fleet(access, Optional.of(shard))) {
                    fleet.follow(
                            Optional.empty(),
                            new PodsFollower(true, false, new PrintWriter(out), new PrintWriter(out)));
                } catch (IOException e) {
                    out.append("ended: ").append(e.getMessage());
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }));
        }
        await().atMost(TIMEOUT)
                .untilAsserted(() -> assertThat(lines(outs, "ADDED")).hasSize(PODS));
        for (int pod = 0; pod < PODS / 2; pod++) {
            good(server.send("DELETE", "/api/v1/namespaces/shop/pods/pod-" + pod + "?gracePeriodSeconds=0", ""));
            makePod(server, "new-" + pod, pod % 6);
        }
        await().atMost(TIMEOUT).untilAsserted(() -> {
            assertThat(lines(outs, "DELETED")).hasSize(PODS / 2);
            assertThat(lines(outs, "ADDED")).hasSize(PODS + PODS / 2);
        });
        assertThat(lines(outs, "DELETED")).doesNotHaveDuplicates();
        assertThat(lines(outs, "ADDED")).doesNotHaveDuplicates();
        for (Thread thread : threads) {
            thread.interrupt();
            thread.join();
        }
    }

    private static List<String> lines(List<StringWriter> outs, String event) {
        return outs.stream()
                .flatMap(out -> out.toString().lines())
                .filter(line -> line.startsWith(event))
                .map(line -> line.replaceAll(" +", " "))
                .toList();
    }

    /** Takes objects as they come; the lists of these tests never begin anew. */
    private interface Keeper<T> extends Taker<T> {
        @Override
        default void begin() {}
    }
}
