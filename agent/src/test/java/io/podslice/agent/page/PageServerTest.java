package io.podslice.agent.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.podslice.agent.api.ApiNode;
import io.podslice.agent.api.FakeNode;
import io.podslice.agent.http.Entrance;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The page as browsers and others ask for it. */
class PageServerTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    private final FakeNode fake = new FakeNode();
    private final AtomicReference<ApiNode> node = new AtomicReference<>(new ApiNode.Managed(fake));
    private final HttpClient client = HttpClient.newHttpClient();
    private final List<Socket> sockets = new ArrayList<>();
    private final PageServer server;

    PageServerTest() throws IOException {
        server = new PageServer(
                Entrance.listen("api.page", new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0)),
                node::get,
                SampleSights.chronicle(),
                () -> "the file podslice.yaml",
                new WhatIf(() -> {
                    throw new IllegalStateException("there is no copy of a fake");
                }));
    }

    @AfterEach
    void close() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        server.close();
        client.close();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .timeout(LONG);
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> ask(String manifest) throws Exception {
        return send(request("/what-if")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "manifest=" + URLEncoder.encode(manifest, StandardCharsets.UTF_8))));
    }

    private BufferedReader raw(String head) throws IOException {
        Socket socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), server.port());
        sockets.add(socket);
        socket.setSoTimeout((int) LONG.toMillis());
        socket.getOutputStream().write((head + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    private BufferedReader events(String version) throws IOException {
        return raw("GET /events?version=" + version + " HTTP/1.1\r\nHost: localhost");
    }

    private static String version(String page) {
        Matcher version = Pattern.compile("data-version=\"([0-9a-f]{16})\"").matcher(page);
        assertThat(version.find()).isTrue();
        return version.group(1);
    }

    /** Reads events up to the one with that selector, and returns its HTML. */
    private static String piece(BufferedReader events, String selector) throws IOException {
        for (String line = events.readLine(); line != null; line = events.readLine()) {
            if (line.equals("data: " + selector)) {
                StringBuilder html = new StringBuilder();
                for (line = events.readLine(); line != null && line.startsWith("data: "); line = events.readLine()) {
                    html.append(line.substring("data: ".length())).append('\n');
                }
                return html.toString();
            }
        }
        throw new IOException("no " + selector);
    }

    @Test
    void thePageIsOneFileThatNothingElseCanBeLoadedInto() throws Exception {
        fake.put(FakeNode.pod("db", "x"));
        HttpResponse<String> page = send(request("/"));
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().firstValue("Content-Type")).hasValue("text/html; charset=utf-8");
        assertThat(page.headers().firstValue("Cache-Control")).hasValue("no-store");
        assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
                .matches(
                        "default-src 'none'; style-src 'sha256-[^']{44}'; script-src 'sha256-[^']{44}'; connect-src 'self';"
                                + " form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
        assertThat(page.body())
                .startsWith("<!DOCTYPE html>")
                .contains("default/db", "the file podslice.yaml")
                .doesNotContainPattern("(?i)(src|href)=\"(?!\\./)")
                .doesNotContainPattern("(?i)style=")
                .doesNotContain("@import", "url(http");
    }

    @Test
    void onlyThisPageIsThere() throws Exception {
        assertThat(send(request("/metrics")).statusCode()).isEqualTo(404);
        assertThat(send(request("/what-if")).statusCode()).isEqualTo(405);
        assertThat(send(request("/").POST(HttpRequest.BodyPublishers.ofString("x")))
                        .statusCode())
                .isEqualTo(405);
        assertThat(send(request("/").DELETE()).statusCode()).isEqualTo(405);
        assertThat(send(request("/").header("Origin", "http://attacker.example"))
                        .statusCode())
                .isEqualTo(403);
        assertThat(raw("GET / HTTP/1.1\r\nHost: attacker.example").readLine()).isEqualTo("HTTP/1.1 403 Forbidden");
    }

    @Test
    void whatIsNotManagedIsSaid() throws Exception {
        node.set(new ApiNode.Opening());
        assertThat(send(request("/")).body()).contains("still reading its state");
        node.set(new ApiNode.Unmanaged("/sys/fs/cgroup: <cgroup v1>"));
        HttpResponse<String> page = send(request("/"));
        assertThat(page.statusCode()).isEqualTo(503);
        assertThat(page.body()).contains("/sys/fs/cgroup: &lt;cgroup v1&gt;");
        assertThat(ask("x").statusCode()).isEqualTo(503);
        assertThat(send(request("/events")).statusCode()).isEqualTo(503);
    }

    @Test
    void aBrowserIsSentWhatChanges() throws Exception {
        fake.put(FakeNode.pod("db", "x"));
        BufferedReader events = events(version(send(request("/")).body()));
        assertThat(events.readLine()).isEqualTo("HTTP/1.1 200 OK");
        fake.put(FakeNode.pod("web", "x"));
        assertThat(piece(events, "#pods")).contains("default/db", "default/web");

        // An older version gets all of it, and is live from then on.
        BufferedReader late = events("0123456789abcdef");
        assertThat(piece(late, "#map")).contains("data-cpu=\"0\"");
        fake.remove("web");
        assertThat(podsWithout("default/web", late)).contains("default/db");
        assertThat(podsWithout("default/web", events)).contains("default/db");
    }

    /** Reads events up to one with the pods in which one is missing. */
    private static String podsWithout(String missing, BufferedReader events) throws IOException {
        String pods = piece(events, "#pods");
        while (pods.contains(missing)) {
            pods = piece(events, "#pods");
        }
        return pods;
    }

    @Test
    void moreBrowsersThanThereMayBeAreRefusedUntilOneGoes() throws Exception {
        for (int i = 0; i < Audience.MOST; i++) {
            assertThat(events("").readLine()).isEqualTo("HTTP/1.1 200 OK");
        }
        assertThat(send(request("/events")).statusCode()).isEqualTo(503);
        assertThat(send(request("/")).statusCode()).isEqualTo(200);
        assertThat(server.members()).isEqualTo(Audience.MOST);
        sockets.getFirst().close();
        await().atMost(LONG).until(() -> server.members() < Audience.MOST);
        assertThat(events("").readLine()).isEqualTo("HTTP/1.1 200 OK");
    }

    @Test
    void theStreamEndsWithThePage() throws Exception {
        BufferedReader events = events("");
        assertThat(piece(events, "#map")).isNotEmpty();
        server.close();
        await().atMost(LONG).until(() -> server.members() == 0);
        while (events.readLine() != null) {
            assertThat(server.members()).isZero();
        }
    }

    @Test
    void whatCannotBeAskedIsSaid() throws Exception {
        HttpResponse<String> wrong = ask("kind: Deployment\napiVersion: apps/v1");
        assertThat(wrong.statusCode()).isEqualTo(400);
        assertThat(wrong.body()).contains("manifest:1:1: kind: &quot;Deployment&quot;: must be Pod");
        assertThat(ask("[".repeat(100_000)).statusCode()).isEqualTo(400);
        assertThat(ask("#".repeat(WhatIf.MOST_BYTES + 1)).statusCode()).isEqualTo(413);
        assertThat(ask("%".repeat(WhatIf.MOST_BYTES + 1)).statusCode()).isEqualTo(413);
        assertThat(send(request("/what-if").POST(HttpRequest.BodyPublishers.ofString("manifest=%zz")))
                        .statusCode())
                .isEqualTo(400);
        assertThat(send(request("/what-if").POST(HttpRequest.BodyPublishers.ofString("a=b")))
                        .body())
                .contains("has no field");
        String pod = "---\napiVersion: v1\nkind: Pod\nmetadata: {generateName: a}\nspec: {containers: [{name: a}]}\n";
        assertThat(ask(pod.repeat(WhatIf.MOST_PODS + 1)).body()).contains("holds 33 pods; may hold at most 32");
        assertThat(ask(pod).body()).contains("there is no copy of a fake");
    }
}
