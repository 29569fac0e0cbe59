package io.podslice.integration.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.podslice.simulator.kubelet.Amounts;
import io.podslice.simulator.kubelet.PodManifest;
import io.podslice.simulator.kubelet.RunningPod;
import io.podslice.simulator.kubelet.Wants;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The page of a simulated node: it shows what the cgroup files say, and what podslice has refused, resized and repaired. */
@Timeout(value = 90, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PageTest {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Pattern CPU =
            Pattern.compile("<g data-cpu=\"(\\d+)\" data-use=\"(\\w+)\"(?: data-pod=\"([^\"]*)\")?>");
    private static final String SIX_CPUS = """
            apiVersion: v1
            kind: Pod
            metadata: {name: new}
            spec:
              containers:
              - name: app
                image: busybox
                resources: {requests: {cpu: "6", memory: 1Gi}, limits: {cpu: "6", memory: 1Gi}}
            """;

    private final HttpClient browser = HttpClient.newHttpClient();

    private String get(URI address) {
        try {
            HttpResponse<String> page = browser.send(
                    HttpRequest.newBuilder(address).timeout(LONG).build(), HttpResponse.BodyHandlers.ofString());
            assertThat(page.statusCode()).isEqualTo(200);
            return page.body();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private String whatIf(DoorFixture node, String manifest) throws IOException, InterruptedException {
        String form = "manifest=" + URLEncoder.encode(manifest, StandardCharsets.UTF_8);
        return browser.send(
                        HttpRequest.newBuilder(node.page().resolve("what-if"))
                                .timeout(LONG)
                                .POST(HttpRequest.BodyPublishers.ofString(form))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private static Map<Integer, String> drawn(String html) {
        Map<Integer, String> uses = new TreeMap<>();
        Matcher cpus = CPU.matcher(html);
        while (cpus.find()) {
            String pod = cpus.group(3) == null ? "" : " " + cpus.group(3);
            uses.put(Integer.valueOf(cpus.group(1)), cpus.group(2) + pod);
        }
        return uses;
    }

    private static RunningPod grown(DoorFixture node, RunningPod pod) {
        return node.kubelet.resize(
                pod,
                DoorFixture.resized(
                        pod.manifest(), Wants.guaranteed(Amounts.of(6, 2)), Wants.guaranteed(Amounts.of(4, 1))));
    }

    @Test
    void theMapIsWhatTheCgroupFilesSayBeforeAndAfterAResize() throws Exception {
        try (DoorFixture node = new DoorFixture()) {
            RunningPod database = node.kubelet.run(DoorFixture.pod("database", 4, 2));
            RunningPod web = node.kubelet.run(DoorFixture.pod("web", 3, 1));
            String page = get(node.page());
            assertThat(drawn(page)).hasSize(16).isEqualTo(MapTest.files(node, database, web));

            Matcher version = Pattern.compile("data-version=\"(\\w+)\"").matcher(page);
            assertThat(version.find()).isTrue();
            HttpResponse<InputStream> events = browser.send(
                    HttpRequest.newBuilder(node.page().resolve("events?version=" + version.group(1)))
                            .build(),
                    HttpResponse.BodyHandlers.ofInputStream());
            RunningPod grown = grown(node, database);
            await().atMost(LONG)
                    .untilAsserted(
                            () -> assertThat(drawn(get(node.page()))).isEqualTo(MapTest.files(node, grown, web)));

            // A browser that follows is sent the CPUs that changed, which bring its map up to date.
            Map<Integer, String> live = new TreeMap<>(drawn(page));
            StringBuilder sent = new StringBuilder();
            byte[] bytes = new byte[1 << 16];
            while (!live.equals(MapTest.files(node, grown, web))) {
                int read = events.body().read(bytes);
                assertThat(read).isPositive();
                sent.append(new String(bytes, 0, read, StandardCharsets.UTF_8));
                live.putAll(drawn(sent.toString()));
            }
            assertThat(sent).doesNotContain("data: #map\n").contains("data: #map [data-cpu=");
            events.body().close();
        }
    }

    @Test
    void whatWasRefusedResizedAndRepairedIsShown() throws Exception {
        try (DoorFixture node = new DoorFixture()) {
            RunningPod database = node.kubelet.run(DoorFixture.pod("database", 4, 2));
            assertThat(get(node.page())).contains("Refusals: none", "Resizes: none");
            assertThatThrownBy(() -> node.kubelet.run(DoorFixture.pod("huge", 20, 2)))
                    .hasMessageContaining("UnexpectedAdmissionError");
            RunningPod grown = grown(node, database);
            PodManifest greedy = DoorFixture.resized(
                    grown.manifest(), Wants.guaranteed(Amounts.of(40, 2)), Wants.guaranteed(Amounts.of(4, 1)));
            assertThatThrownBy(() -> node.kubelet.resize(grown, greedy)).hasMessageContaining("Infeasible");
            node.kernel.write(node.kubelet.cgroup(database.manifest()), "cpu.max", "max 100000");
            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(get(node.page()))
                            .contains(
                                    "<td>RunPodSandbox default/huge</td>",
                                    "<td>UnexpectedAdmissionError</td>",
                                    "<td>UpdatePodSandboxResources default/database</td>",
                                    "resize refused, Infeasible, since ",
                                    "<td>infeasible</td>",
                                    "<td>done</td>",
                                    "cpu.max: max 100000 &#8594; 600000 100000"));
        }
    }

    @Test
    void whatIfAnswersForTheNodeAsItIsAndChangesNothing() throws Exception {
        try (DoorFixture node = new DoorFixture()) {
            node.kubelet.run(DoorFixture.pod("database", 6, 2));
            String before = get(node.page());
            List<String> written = List.copyOf(node.written);
            String saved = node.saved();

            String answer = whatIf(node, SIX_CPUS);
            assertThat(answer)
                    .contains("default/new: admitted, Guaranteed: 6 CPUs of its own, 4-6,12-14, NUMA node 1", "<pre>");
            assertThat(drawn(answer))
                    .containsEntry(4, "exclusive default/new")
                    .containsEntry(0, "exclusive default/database");
            assertThat(whatIf(node, SIX_CPUS)).isEqualTo(answer);
            assertThat(whatIf(node, SIX_CPUS.replace("\"6\"", "\"12\"")))
                    .contains(
                            "default/new: refused: UnexpectedAdmissionError: ",
                            "at most 8 would fit on one node, 9 on all</p>");
            assertThat(whatIf(node, SIX_CPUS.replace("name: new", "name: database")))
                    .contains("pod &quot;default/database&quot;: is on this node, or in the manifests, already");

            assertThat(node.written).isEqualTo(written);
            assertThat(node.saved()).isEqualTo(saved);
            assertThat(get(node.page())).isEqualTo(before);
        }
    }
}
