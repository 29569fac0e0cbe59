package io.podslice.simulator.apiserver;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.proto.core.v1.Pod;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The double's shards behave as facts: cluster 5 has them. */
class ShardsTest {
    /** The uid "a" hashes to af63dc4c8601ec8c, "3f2504e0-..." to 3fde1cd4be7e9771. */
    private static final String LOW_UID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";

    private static final String LOW = "shardRange(object.metadata.uid, '0x0000000000000000', '0x8000000000000000')";
    private static final String HIGH = "shardRange(object.metadata.uid, '0x8000000000000000', '0x10000000000000000')";
    private static final String PODS = "/api/v1/pods?limit=10";
    private static final String NODES = "/apis/topology.node.k8s.io/v1alpha2/noderesourcetopologies?limit=1";

    private final ApiServerDouble server = new ApiServerDouble(
            false, ApiOptions.DEFAULT.bookmarkEvery(Duration.ofMillis(50)).withShards());
    private ApiClient client;

    @BeforeEach
    void start() {
        server.start();
        server.allow("t0");
        client = ApiClient.plain(server, "t0");
        put("low", LOW_UID);
        put("high", "a");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void put(String name, String uid) {
        Pod.Builder pod = Pod.newBuilder();
        pod.getMetadataBuilder().setName(name).setNamespace("default").setUid(uid);
        server.store().put(pod.build());
    }

    private static String selector(String text) {
        return "&shardSelector=" + URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private JsonNode list(String path) throws Exception {
        return JsonMapper.shared().readTree(client.get(path).body());
    }

    private static List<String> names(JsonNode list) {
        List<String> names = new ArrayList<>();
        list.path("items").forEach(item -> names.add(item.at("/metadata/name").asString()));
        return names;
    }

    @Test
    void aListIsOfTheShardAndSaysSo() throws Exception {
        JsonNode low = list(PODS + selector(LOW.replace('\'', '"')));
        assertThat(names(low)).containsExactly("low");
        assertThat(low.at("/metadata/shardInfo/selector").asString()).isEqualTo(LOW);
        assertThat(names(list(PODS + selector(HIGH)))).containsExactly("high");
        assertThat(names(list(PODS + selector(LOW + " || " + HIGH)))).containsExactly("high", "low");
        assertThat(list(PODS).at("/metadata/shardInfo").isMissingNode()).isTrue();
    }

    @Test
    void whatIsNoSelectorIsAnInternalError() throws Exception {
        HttpResponse<String> answer = client.get(PODS + selector("x"));
        assertThat(answer.statusCode()).isEqualTo(500);
        assertThat(answer.body()).contains("invalid shard selector");
    }

    @Test
    void aServerWithoutTheFeatureIgnoresIt() throws Exception {
        server.become(ApiOptions.DEFAULT);
        JsonNode all = list(PODS + selector(LOW));
        assertThat(names(all)).containsExactly("high", "low");
        assertThat(all.at("/metadata/shardInfo").isMissingNode()).isTrue();
        assertThat(client.get(PODS + selector("x")).statusCode()).isEqualTo(200);
    }

    @Test
    void aWatchIsOfTheShardButForItsBookmarks() throws Exception {
        try (BufferedReader events = new BufferedReader(new InputStreamReader(
                client.stream(
                                "/api/v1/pods?watch=1&allowWatchBookmarks=true&resourceVersion="
                                        + list(PODS)
                                                .at("/metadata/resourceVersion")
                                                .asString() + selector(HIGH),
                                "application/json")
                        .body(),
                StandardCharsets.UTF_8))) {
            server.store().delete("default", "low");
            JsonNode bookmark = JsonMapper.shared().readTree(events.readLine());
            assertThat(bookmark.get("type").asString()).isEqualTo("BOOKMARK");
            server.store().delete("default", "high");
            JsonNode event = bookmark;
            while (event.get("type").asString().equals("BOOKMARK")) {
                event = JsonMapper.shared().readTree(events.readLine());
            }
            assertThat(event.get("type").asString()).isEqualTo("DELETED");
            assertThat(event.at("/object/metadata/name").asString()).isEqualTo("high");
        }
    }

    @Test
    void topologiesComeInPagesToo() throws Exception {
        for (String name : List.of("n1", "n2", "n3")) {
            server.topologies().applyAs("nfd", name, """
                    {"apiVersion": "topology.node.k8s.io/v1alpha2", "kind": "NodeResourceTopology",
                     "metadata": {"name": "%s"}, "zones": []}
                    """.formatted(name));
        }
        List<String> names = new ArrayList<>();
        String next = "";
        do {
            JsonNode page = list(NODES + (next.isEmpty() ? "" : "&continue=" + next));
            assertThat(page.path("items")).hasSize(1);
            names.addAll(names(page));
            next = page.at("/metadata/continue").asString();
        } while (!next.isEmpty());
        assertThat(names).containsExactly("n1", "n2", "n3");
        List<String> shards = new ArrayList<>();
        shards.addAll(names(list(NODES.replace("limit=1", "limit=9") + selector(LOW))));
        shards.addAll(names(list(NODES.replace("limit=1", "limit=9") + selector(HIGH))));
        assertThat(shards).containsExactlyInAnyOrder("n1", "n2", "n3");
    }
}
