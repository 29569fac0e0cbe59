package io.podslice.integration.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.podslice.agent.api.NodeApiClient;
import io.podslice.agent.publish.Publisher;
import io.podslice.cluster.ClusterOptions.ApiAccess;
import io.podslice.cluster.topology.TopologyObjects;
import io.podslice.integration.cluster.ClusterNode.Options;
import io.podslice.simulator.apiserver.TopologyStore;
import io.podslice.simulator.kubelet.RunningPod;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/** The node's NodeResourceTopology object at a simulated API server follows the node. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PublishTest {
    private static final String EXAMPLE = "```json\n";
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Publisher.Times OFTEN =
            new Publisher.Times(Duration.ofMillis(50), Duration.ofSeconds(2), Duration.ofMillis(50));

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private ClusterNode node;
    private NodeApiClient client;
    private TopologyObjects objects;
    private TopologyStore store;

    @BeforeEach
    void start() throws IOException {
        // A way that starts the API server; the publisher has a service account of its own.
        node = new ClusterNode(Options.of(Way.API_SERVER));
        node.cluster.credentials().writeServiceAccount("token-1");
        node.cluster.apiServer().allow("token-1");
        store = node.cluster.apiServer().topologies();
        client = new NodeApiClient(socket());
        objects = new TopologyObjects(
                new ApiAccess(
                        Optional.empty(),
                        Optional.of(node.cluster.credentials().serviceAccount()),
                        Optional.of(node.cluster.apiServer().uri())),
                Optional.of("node-a"));
    }

    @AfterEach
    void end() throws IOException {
        objects.close();
        client.close();
        node.close();
    }

    private Path socket() {
        return node.folder.resolve("podslice.sock");
    }

    private Publisher publisher(boolean force) {
        return new Publisher(
                socket(), client, objects, force, OFTEN, new PrintWriter(out, true), new PrintWriter(err, true));
    }

    private JsonNode object() {
        return store.get("node-a").orElseThrow();
    }

    /** The available amounts of a resource by zone. */
    private Map<String, String> available(String resource) {
        Map<String, String> available = new TreeMap<>();
        for (JsonNode zone : object().path("zones")) {
            for (JsonNode one : zone.path("resources")) {
                if (one.path("name").asString("").equals(resource)) {
                    available.put(
                            zone.path("name").asString(""),
                            one.path("available").asString(""));
                }
            }
        }
        return available;
    }

    private String attribute(String name) {
        for (JsonNode attribute : object().path("attributes")) {
            if (attribute.path("name").asString("").equals(name)) {
                return attribute.path("value").asString("");
            }
        }
        return "";
    }

    @Test
    void theObjectIsTheNode() throws IOException {
        node.kubelet.run(node.prepared(ClusterNode.withGpus(ClusterNode.pod("gpu", 4, 3), 1)));
        assertThat(publisher(false).once()).isTrue();
        assertThat(err.toString()).isEmpty();
        assertThat(available("cpu")).containsOnlyKeys("node-0", "node-1");
        // 12 are free; no CPU is reserved, so one stays for the node shared pool.
        assertThat(available("cpu")).containsEntry("node-0", "16").containsEntry("node-1", "11");
        assertThat(available(ClusterNode.GPU)).containsEntry("node-1", "1");
        assertThat(available("memory")).containsOnlyKeys("node-0", "node-1");
        assertThat(attribute("nodeTopologyPodsFingerprint"))
                .startsWith("pfp0v001")
                .hasSize(24);
        assertThat(attribute("topologyManagerPolicy")).isNotEmpty();
        assertThat(attribute("topologyManagerScope")).isEqualTo("pod");
        JsonNode zone = object().path("zones").path(0);
        assertThat(zone.path("costs").path(0).path("value").asInt()).isEqualTo(10);
        assertThat(zone.path("costs").path(1).path("value").asInt()).isEqualTo(21);
        JsonNode owner = object().path("metadata").path("ownerReferences").path(0);
        assertThat(owner.path("kind").asString("")).isEqualTo("Node");
        assertThat(owner.path("uid").asString("")).isEqualTo("uid-of-node-a");
    }

    /** The example of docs/seen-by-others.md, written anew with the system property {@code podslice.docs.write}. */
    @Test
    void theDocumentedObject() throws IOException {
        node.kubelet.run(node.prepared(ClusterNode.withGpus(ClusterNode.pod("database", 4, 3), 1)));
        String object = Publisher.object(socket(), client, "node-a", new PrintWriter(err, true));
        Path page = Path.of("..", "docs", "seen-by-others.md");
        String text = Files.readString(page);
        int from = text.indexOf(EXAMPLE) + EXAMPLE.length();
        int to = text.indexOf("```", from);
        if (Boolean.getBoolean("podslice.docs.write")) {
            text = text.substring(0, from) + object + text.substring(to);
            Files.writeString(page, text);
            to = text.indexOf("```", from);
        }
        assertThat(text.substring(from, to)).isEqualTo(object);
    }

    @Test
    void itFollowsThePodsAndComesBack() throws Exception {
        Publisher publisher = publisher(false);
        Thread thread = Thread.ofVirtual().start(() -> {
            try {
                publisher.run();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        await().atMost(LONG).until(() -> store.get("node-a").isPresent());
        Map<String, String> empty = available("cpu");
        RunningPod pod = node.kubelet.run(node.prepared(ClusterNode.pod("web", 4, 3)));
        await().atMost(LONG).until(() -> !available("cpu").equals(empty));
        node.kubelet.stop(pod);
        node.kubelet.remove(pod);
        await().atMost(LONG).until(() -> available("cpu").equals(empty));
        store.remove("node-a");
        await().atMost(LONG).until(() -> store.get("node-a").isPresent());
        node.cluster.apiServer().goAway();
        await().atMost(LONG).until(() -> err.toString().contains("cannot be reached"));
        node.cluster.apiServer().start();
        int before = store.applied();
        await().atMost(LONG).until(() -> store.applied() > before);
        node.restartPodslice(true);
        int then = store.applied();
        await().atMost(LONG).until(() -> store.applied() > then);
        thread.interrupt();
        thread.join();
    }

    @Test
    void whatTheServerRefusesIsSaidOnceWithWhatToDo() {
        Publisher publisher = publisher(false);
        store.install(false);
        assertThat(publisher.once()).isFalse();
        assertThat(publisher.once()).isFalse();
        assertThat(err.toString().lines())
                .singleElement()
                .asString()
                .startsWith("podslice publish: the API server answers 404")
                .endsWith("the cluster lacks the CustomResourceDefinition of"
                        + " noderesourcetopologies.topology.node.k8s.io, version v1alpha2");
        store.install(true);
        store.permit(false);
        assertThat(publisher.once()).isFalse();
        assertThat(err.toString()).contains("403", "it needs the rights to create and patch");
        store.permit(true);
        assertThat(publisher.once()).isTrue();
        store.permit(false);
        assertThat(publisher.once()).isFalse();
        assertThat(err.toString().lines()).hasSize(3);
        node.cluster.apiServer().revoke("token-1");
        assertThat(publisher.once()).isFalse();
        assertThat(err.toString()).contains("401", "the credentials are not taken");
    }

    @Test
    void anotherProducersObjectIsLeftAloneUnlessForced() {
        store.applyAs("nfd-master", "node-a", """
                {"apiVersion": "topology.node.k8s.io/v1alpha2", "kind": "NodeResourceTopology",
                 "metadata": {"name": "node-a"}, "zones": [{"name": "node-0", "type": "Node"}]}
                """);
        assertThat(publisher(false).once()).isFalse();
        assertThat(err.toString())
                .contains("409", "nfd-master", "another producer writes the object node-a", "--force");
        assertThat(object().path("zones")).hasSize(1);
        assertThat(publisher(true).once()).isTrue();
        assertThat(object().path("zones")).hasSize(2);
    }

    @Test
    void withoutAKubeletThereIsNoFingerprint() {
        node.cluster.podResources().die();
        assertThat(publisher(false).once()).isTrue();
        assertThat(err.toString().lines())
                .singleElement()
                .asString()
                .contains("no devices and no fingerprint of the pods", "no socket");
        assertThat(attribute("nodeTopologyPodsFingerprint")).isEmpty();
        assertThat(available("cpu")).hasSize(2);
    }
}
