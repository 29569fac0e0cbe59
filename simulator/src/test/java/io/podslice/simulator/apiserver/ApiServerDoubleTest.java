package io.podslice.simulator.apiserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podslice.proto.core.v1.Pod;
import io.podslice.proto.core.v1.PodList;
import io.podslice.proto.core.v1.Status;
import io.podslice.proto.core.v1.Unknown;
import io.podslice.proto.core.v1.WatchEvent;
import io.podslice.simulator.kubelet.Amounts;
import io.podslice.simulator.kubelet.ContainerManifest;
import io.podslice.simulator.kubelet.ContainerManifest.Kind;
import io.podslice.simulator.kubelet.PodManifest;
import io.podslice.simulator.kubelet.Wants;
import io.podslice.simulator.pods.PodMessages;
import io.podslice.simulator.pods.PodRecord;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The double behaves as facts: kubelet-apis 4 has it. */
class ApiServerDoubleTest {
    private static final String ON_NODE_A = "/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-a";
    private static final String WITH_INITIAL_EVENTS =
            ON_NODE_A + "&watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";

    private final ApiServerDouble server = new ApiServerDouble(
            false, ApiOptions.DEFAULT.bookmarkEvery(Duration.ofMillis(50)).keeping(10));
    private ApiClient client;

    @BeforeEach
    void start() {
        server.start();
        server.allow("t0");
        client = ApiClient.plain(server, "t0");
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void put(String node, String name, int cpus) {
        PodManifest pod = new PodManifest(
                name,
                "default",
                name + "-uid",
                Wants.guaranteed(Amounts.of(cpus, 1)),
                List.of(new ContainerManifest("app", Kind.APP, "busybox", Wants.NONE)),
                Map.of());
        server.store().put(new PodMessages(node, 100).desired(PodRecord.fresh(pod)));
    }

    private static JsonNode json(String text) {
        return JsonMapper.shared().readTree(text);
    }

    private static Unknown envelope(byte[] bytes) throws IOException {
        assertThat(Arrays.copyOf(bytes, 4)).isEqualTo(new byte[] {'k', '8', 's', 0});
        return Unknown.parseFrom(Arrays.copyOfRange(bytes, 4, bytes.length));
    }

    private static Pod pod(WatchEvent event) throws IOException {
        return Pod.parseFrom(envelope(event.getObject().getRaw().toByteArray()).getRaw());
    }

    private static WatchEvent frame(DataInputStream in) throws IOException {
        byte[] bytes = new byte[in.readInt()];
        in.readFully(bytes);
        return WatchEvent.parseFrom(bytes);
    }

    private static String event(DataInputStream in) throws IOException {
        WatchEvent event = frame(in);
        return event.getType() + " " + pod(event).getMetadata().getName();
    }

    @Test
    void listHasTheNodesPodsAloneInParts() throws Exception {
        put("node-a", "a", 1);
        put("node-a", "b", 2);
        put("node-a", "c", 3);
        put("node-b", "x", 4);
        HttpResponse<String> first = client.get(ON_NODE_A + "&limit=2");
        assertThat(first.statusCode()).isEqualTo(200);
        JsonNode list = json(first.body());
        assertThat(list.get("kind").asString()).isEqualTo("PodList");
        assertThat(list.get("items")).hasSize(2);
        assertThat(list.get("items").get(1).at("/spec/resources/limits/cpu").asString())
                .isEqualTo("2");
        JsonNode rest = json(client.get(ON_NODE_A + "&limit=2&continue="
                        + list.at("/metadata/continue").asString())
                .body());
        assertThat(rest.get("items")).hasSize(1);
        assertThat(rest.at("/metadata/continue").isMissingNode()).isTrue();
    }

    @Test
    void continuedListIsGoneAfterTooManyChanges() throws Exception {
        put("node-a", "a", 1);
        put("node-a", "b", 1);
        String next = json(client.get(ON_NODE_A + "&limit=1").body())
                .at("/metadata/continue")
                .asString();
        server.store().tick();
        server.store().compact();
        HttpResponse<String> rest = client.get(ON_NODE_A + "&limit=1&continue=" + next);
        assertThat(rest.statusCode()).isEqualTo(410);
        assertThat(json(rest.body()).get("reason").asString()).isEqualTo("Expired");
    }

    @Test
    void protobufComesInItsEnvelope() throws Exception {
        put("node-a", "a", 1);
        HttpResponse<byte[]> list = client.bytes(ON_NODE_A);
        assertThat(list.headers().firstValue("Content-Type")).hasValue(ApiClient.PROTOBUF);
        assertThat(envelope(list.body()).getTypeMeta().getKind()).isEqualTo("PodList");
        assertThat(PodList.parseFrom(envelope(list.body()).getRaw()).getItemsList())
                .hasSize(1);
        byte[] one = client.bytes("/api/v1/namespaces/default/pods/a").body();
        assertThat(Pod.parseFrom(envelope(one).getRaw()).getMetadata().getUid()).isEqualTo("a-uid");
        byte[] none = client.bytes("/api/v1/namespaces/default/pods/x").body();
        assertThat(Status.parseFrom(envelope(none).getRaw()).getCode()).isEqualTo(404);
    }

    @Test
    void serverWithoutProtobufAnswersInJson() throws Exception {
        server.become(ApiOptions.DEFAULT.withoutProtobuf());
        put("node-a", "a", 1);
        assertThat(client.bytes(ON_NODE_A).headers().firstValue("Content-Type")).hasValue("application/json");
    }

    @Test
    void watchBeginsWithAllPodsAndMarksTheirEnd() throws Exception {
        put("node-a", "a", 1);
        put("node-b", "x", 1);
        HttpResponse<InputStream> watch = client.stream(WITH_INITIAL_EVENTS, ApiClient.PROTOBUF);
        assertThat(watch.headers().firstValue("Content-Type")).hasValue(ApiClient.PROTOBUF + ";stream=watch");
        try (DataInputStream in = new DataInputStream(watch.body())) {
            assertThat(event(in)).isEqualTo("ADDED a");
            WatchEvent marker = frame(in);
            assertThat(marker.getType()).isEqualTo("BOOKMARK");
            assertThat(pod(marker).getMetadata().getAnnotationsMap())
                    .containsEntry("k8s.io/initial-events-end", "true");
            put("node-a", "a", 2);
            WatchEvent change = next(in);
            assertThat(change.getType()).isEqualTo("MODIFIED");
            assertThat(pod(change)
                            .getSpec()
                            .getResources()
                            .getLimitsOrThrow("cpu")
                            .getString())
                    .isEqualTo("2");
            server.store().delete("default", "a");
            assertThat(next(in).getType()).isEqualTo("DELETED");
        }
    }

    /** Returns the next event that is no bookmark. */
    private static WatchEvent next(DataInputStream in) throws IOException {
        WatchEvent event = frame(in);
        while (event.getType().equals("BOOKMARK")) {
            event = frame(in);
        }
        return event;
    }

    @Test
    void watchGoesOnAfterAVersionAndSendsBookmarks() throws Exception {
        put("node-a", "a", 1);
        String version = json(client.get(ON_NODE_A).body())
                .at("/metadata/resourceVersion")
                .asString();
        put("node-a", "b", 1);
        try (BufferedReader lines = lines(client.stream(
                ON_NODE_A + "&watch=true&allowWatchBookmarks=true&resourceVersion=" + version, "application/json"))) {
            JsonNode added = json(lines.readLine());
            assertThat(added.get("type").asString()).isEqualTo("ADDED");
            assertThat(added.at("/object/metadata/name").asString()).isEqualTo("b");
            server.store().tick();
            JsonNode bookmark = json(lines.readLine());
            assertThat(bookmark.get("type").asString()).isEqualTo("BOOKMARK");
            assertThat(bookmark.at("/object/metadata/annotations").isMissingNode())
                    .isTrue();
        }
    }

    private static BufferedReader lines(HttpResponse<InputStream> response) {
        return new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8));
    }

    @Test
    void watchFromAVersionThatIsGoneEndsWith410() throws Exception {
        for (int i = 0; i < 20; i++) {
            put("node-a", "a", i + 1);
        }
        try (BufferedReader lines =
                lines(client.stream(ON_NODE_A + "&watch=1&resourceVersion=1001", "application/json"))) {
            JsonNode error = json(lines.readLine());
            assertThat(error.get("type").asString()).isEqualTo("ERROR");
            assertThat(error.at("/object/code").asInt()).isEqualTo(410);
            assertThat(lines.readLine()).isNull();
        }
    }

    @Test
    void serverWithoutWatchListSaysSo() throws Exception {
        server.become(ApiOptions.DEFAULT.withoutWatchList());
        HttpResponse<String> answer = client.get(WITH_INITIAL_EVENTS);
        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(json(answer.body()).get("reason").asString()).isEqualTo("Invalid");
    }

    @Test
    void statusIsPatched() throws Exception {
        put("node-a", "a", 1);
        String path = "/api/v1/namespaces/default/pods/a/status";
        String body = """
                {"metadata":{"uid":"a-uid"},"status":{"phase":"Failed","reason":"TopologyAffinityError","message":"no"}}
                """;
        assertThat(client.patch(path, "application/strategic-merge-patch+json", body)
                        .statusCode())
                .isEqualTo(200);
        assertThat(server.store().get("default", "a").orElseThrow().getStatus().getPhase())
                .isEqualTo("Failed");
        assertThat(server.store().get("default", "a").orElseThrow().getStatus().getReason())
                .isEqualTo("TopologyAffinityError");
        HttpResponse<String> other =
                client.patch(path, "application/merge-patch+json", body.replace("a-uid", "another"));
        assertThat(other.statusCode()).isEqualTo(409);
        assertThat(client.patch(path, "text/plain", body).statusCode()).isEqualTo(415);
    }

    @Test
    void callerWithoutAValidTokenIsUnauthorized() throws Exception {
        assertThat(ApiClient.plain(server, "t1").get(ON_NODE_A).statusCode()).isEqualTo(401);
        server.revoke("t0");
        assertThat(client.get(ON_NODE_A).statusCode()).isEqualTo(401);
    }

    @Test
    void watchThatIsCutBreaks() throws Exception {
        try (DataInputStream in = new DataInputStream(
                client.stream(WITH_INITIAL_EVENTS, ApiClient.PROTOBUF).body())) {
            assertThat(frame(in).getType()).isEqualTo("BOOKMARK");
            server.cutWatches();
            assertThatThrownBy(() -> {
                        while (true) {
                            frame(in);
                        }
                    })
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void serverThatWentAwayComesBackAtItsAddress() throws Exception {
        put("node-a", "a", 1);
        assertThat(client.get(ON_NODE_A).statusCode()).isEqualTo(200);
        server.goAway();
        assertThatThrownBy(() -> client.get(ON_NODE_A)).isInstanceOf(IOException.class);
        server.start();
        assertThat(json(client.get(ON_NODE_A).body()).get("items")).hasSize(1);
    }

    @Test
    void faultsStrike() throws Exception {
        put("node-a", "a", 1);
        server.faults().next(ApiFault.Request.LIST, new ApiFault.Refuse(503, "ServiceUnavailable", "later"));
        assertThat(client.get(ON_NODE_A).statusCode()).isEqualTo(503);
        server.faults().next(ApiFault.Request.LIST, new ApiFault.Truncate(10));
        assertThatThrownBy(() -> client.get(ON_NODE_A)).isInstanceOf(IOException.class);
        server.faults().next(ApiFault.Request.LIST, new ApiFault.Alter(bytes -> new byte[] {1, 2}));
        assertThat(client.bytes(ON_NODE_A).body()).isEqualTo(new byte[] {1, 2});
        server.faults().next(ApiFault.Request.WATCH, new ApiFault.ErrorAfter(1, 410, "Expired"));
        try (DataInputStream in = new DataInputStream(
                client.stream(WITH_INITIAL_EVENTS, ApiClient.PROTOBUF).body())) {
            assertThat(event(in)).isEqualTo("ADDED a");
            assertThat(frame(in).getType()).isEqualTo("ERROR");
            assertThat(in.read()).isEqualTo(-1);
        }
        assertThat(server.faults().requests(ApiFault.Request.LIST)).isEqualTo(3);
    }

    @Test
    void kubeletSeesItsOwnNodesPodsByItsCertificate() throws Exception {
        try (ApiServerDouble secure = new ApiServerDouble(true, ApiOptions.DEFAULT)) {
            secure.start();
            Instant now = Instant.now();
            Identity kubelet = secure.authority().kubelet("node-a", now.minusSeconds(60), now.plusSeconds(600));
            ApiClient own = ApiClient.withCertificate(secure, kubelet);
            assertThat(own.get(ON_NODE_A).statusCode()).isEqualTo(200);
            assertThat(own.get("/api/v1/pods").statusCode()).isEqualTo(403);
            assertThat(own.get(ON_NODE_A.replace("node-a", "node-b")).statusCode())
                    .isEqualTo(403);
            Identity expired = secure.authority().kubelet("node-a", now.minusSeconds(600), now.minusSeconds(60));
            assertThat(ApiClient.withCertificate(secure, expired).get(ON_NODE_A).statusCode())
                    .isEqualTo(401);
            secure.allow("t0");
            assertThat(ApiClient.withToken(secure, "t0").get("/api/v1/pods").statusCode())
                    .isEqualTo(200);
            assertThat(ApiClient.withToken(secure, "t1").get("/api/v1/pods").statusCode())
                    .isEqualTo(401);

            secure.replaceAuthority(new CertificateAuthority("another"));
            assertThat(ApiClient.withCertificate(secure, kubelet).get(ON_NODE_A).statusCode())
                    .isEqualTo(401);
            Identity renewed = secure.authority().kubelet("node-a", now.minusSeconds(60), now.plusSeconds(600));
            assertThat(ApiClient.withCertificate(secure, renewed).get(ON_NODE_A).statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void identityIsWrittenAsPem() throws Exception {
        Instant now = Instant.now();
        Identity kubelet = server.authority().kubelet("node-a", now, now.plusSeconds(600));
        assertThat(kubelet.pem()).contains("-----BEGIN EC PRIVATE KEY-----", "-----END CERTIFICATE-----");
        assertThat(ApiClient.parsed(kubelet.certificatePem())).isEqualTo(kubelet.certificate());
        assertThat(kubelet.certificate().getSubjectX500Principal().getName())
                .isEqualTo("CN=system:node:node-a,O=system:nodes");
    }
}
