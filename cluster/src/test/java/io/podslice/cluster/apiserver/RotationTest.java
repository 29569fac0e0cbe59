package io.podslice.cluster.apiserver;

import static io.podslice.cluster.apiserver.TestPods.pod;
import static io.podslice.cluster.apiserver.TestPods.sandbox;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.podslice.cluster.credentials.Access;
import io.podslice.cluster.credentials.Kubeconfig;
import io.podslice.cluster.credentials.ServiceAccount;
import io.podslice.cluster.credentials.TestCertificates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Credentials over TLS, and their rotation while podslice runs. */
class RotationTest {
    private static TestCertificates server;
    private static TestCertificates nextServer;
    private static TestCertificates client;
    private static TestCertificates nextClient;

    @TempDir
    Path folder;

    @BeforeAll
    static void makeCertificates(@TempDir Path made) throws Exception {
        server = TestCertificates.make(made, "EC", "CN=localhost");
        nextServer = TestCertificates.make(made, "RSA", "CN=localhost");
        client = TestCertificates.make(made, "EC", "CN=system:node:n1,O=system:nodes");
        nextClient = TestCertificates.make(made, "EC", "CN=system:node:n1,O=system:nodes");
    }

    private Access serviceAccount(FakeApiServer api) {
        return new Access(new ServiceAccount(folder, api.address()));
    }

    private static ApiServerSource source(Access access) {
        ApiServer api = new ApiServer(access);
        return new ApiServerSource(api, new NodeName(Optional.of("n1"), Optional.of(api)), WatchedNode.TIMES);
    }

    private void replace(String name, String text) throws IOException {
        Path next = Files.writeString(folder.resolve(name + ".next"), text);
        Files.move(next, folder.resolve(name), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }

    @Test
    void a_token_that_the_server_no_longer_takes_is_read_anew() throws Exception {
        replace("token", "one");
        replace("ca.crt", server.certificatePem());
        try (FakeApiServer api = new FakeApiServer(server.server(client), false);
                Access access = serviceAccount(api);
                ApiServerSource source = source(access)) {
            api.token = "one";
            api.watchMillis = 50;
            api.put(pod("web", "uid-1", 2));
            source.start(pod -> {});
            await().untilAsserted(() ->
                    assertThat(source.atHand("uid-1", "default", "web")).isPresent());

            api.token = "two";
            assertThatThrownBy(() -> source.find(sandbox("other", "uid-9"), Duration.ofSeconds(5)))
                    .isInstanceOf(ApiException.class)
                    .hasMessageContaining("401");
            replace("token", "two");

            assertThat(source.find(sandbox("other", "uid-9"), Duration.ofSeconds(5)))
                    .isEmpty();
            api.put(pod("web", "uid-1", 5));
            await().untilAsserted(() -> assertThat(
                            source.atHand("uid-1", "default", "web").map(TestPods::cpus))
                    .contains(5L));
        }
    }

    @Test
    void a_new_authority_is_read_when_the_server_is_not_trusted() throws Exception {
        replace("token", "one");
        replace("ca.crt", server.certificatePem());
        try (FakeApiServer api = new FakeApiServer(nextServer.server(client), false);
                Access access = serviceAccount(api);
                ApiServerSource source = source(access)) {
            api.put(pod("web", "uid-1", 2));

            assertThatThrownBy(() -> source.find(sandbox("web", "uid-1"), Duration.ofSeconds(5)))
                    .isInstanceOf(IOException.class);
            replace("ca.crt", nextServer.certificatePem());

            assertThat(source.find(sandbox("web", "uid-1"), Duration.ofSeconds(5)))
                    .isPresent();
        }
    }

    @Test
    void a_client_certificate_is_rotated_as_the_kubelet_does() throws Exception {
        Path first = Files.writeString(folder.resolve("first.pem"), nextClient.certificatePem() + nextClient.keyPem());
        Path second = Files.writeString(folder.resolve("second.pem"), client.certificatePem() + client.keyPem());
        Path current = Files.createSymbolicLink(folder.resolve("kubelet-client-current.pem"), first);
        Files.writeString(folder.resolve("ca.crt"), server.certificatePem());
        try (FakeApiServer api = new FakeApiServer(server.server(client), true)) {
            Path config =
                    Files.writeString(folder.resolve("kubelet.conf"), """
                    current-context: a
                    contexts: [{name: a, context: {cluster: c, user: u}}]
                    clusters: [{name: c, cluster: {server: "%s", certificate-authority: ca.crt}}]
                    users: [{name: u, user: {client-certificate: %s, client-key: %s}}]
                    """.formatted(api.address(), current, current));
            try (Access access = new Access(new Kubeconfig(config, Optional.empty()));
                    ApiServerSource source = source(access)) {
                api.put(pod("web", "uid-1", 2));
                assertThatThrownBy(() -> source.find(sandbox("web", "uid-1"), Duration.ofSeconds(5)))
                        .isInstanceOf(IOException.class);

                Files.delete(current);
                Files.createSymbolicLink(current, second);

                await().atMost(WatchedNode.PATIENCE)
                        .ignoreExceptionsInstanceOf(IOException.class)
                        .until(() -> source.find(sandbox("web", "uid-1"), Duration.ofSeconds(5))
                                .isPresent());
                assertThat(new NodeName(Optional.empty(), Optional.of(new ApiServer(access))).get())
                        .isEqualTo("n1");
            }
        }
    }

    @Test
    void damaged_files_leave_the_last_good_credentials() throws Exception {
        replace("token", "one");
        replace("ca.crt", server.certificatePem());
        try (FakeApiServer api = new FakeApiServer(server.server(client), false);
                Access access = serviceAccount(api);
                ApiServerSource source = source(access)) {
            api.token = "one";
            api.put(pod("web", "uid-1", 2));
            assertThat(source.find(sandbox("web", "uid-1"), Duration.ofSeconds(5)))
                    .isPresent();

            replace("ca.crt", "-----BEGIN CERTIFICATE-----\nnothing");
            assertThat(access.renew(access.way())).isFalse();

            assertThat(source.find(sandbox("web", "uid-1"), Duration.ofSeconds(5)))
                    .isPresent();
            assertThat(source.health().ready()).isTrue();
            assertThat(source.health().detail()).contains("ca.crt").contains("has no end");
            replace("ca.crt", server.certificatePem());
            assertThat(access.renew(access.way())).isFalse();
            assertThat(source.health().detail()).isEmpty();
        }
    }

    @Test
    void files_that_come_later_than_podslice_are_read_when_they_are_there() throws Exception {
        try (FakeApiServer api = new FakeApiServer(server.server(client), false);
                Access access = serviceAccount(api);
                ApiServerSource source = source(access)) {
            api.put(pod("web", "uid-1", 2));
            source.start(pod -> {});
            await().until(() -> !source.health().ready());
            assertThat(source.health().detail()).contains("token: is not there");

            replace("ca.crt", server.certificatePem());
            replace("token", "one");

            await().atMost(WatchedNode.PATIENCE)
                    .untilAsserted(() ->
                            assertThat(source.atHand("uid-1", "default", "web")).isPresent());
        }
    }
}
