package io.podslice.cluster.apiserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.podslice.cluster.credentials.Access;
import io.podslice.cluster.credentials.Kubeconfig;
import io.podslice.cluster.credentials.TestCertificates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeNameTest {
    @TempDir
    Path folder;

    private NodeName of(Optional<String> configured, Optional<ApiServer> server) throws IOException {
        return new NodeName(configured, server, Files.writeString(folder.resolve("hostname"), "Worker-1\n"));
    }

    @Test
    void the_configured_name_wins() throws IOException {
        assertThat(of(Optional.of("n1"), Optional.empty()).get()).isEqualTo("n1");
    }

    @Test
    void without_any_other_the_host_name_in_lower_case_is_it() throws IOException {
        assertThat(of(Optional.empty(), Optional.empty()).get()).isEqualTo("worker-1");
    }

    @Test
    void the_certificate_s_name_counts_from_the_time_on_when_it_can_be_read() throws Exception {
        Path config = Files.writeString(folder.resolve("kubelet.conf"), """
                contexts: [{name: a, context: {cluster: c, user: u}}]
                clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]
                users: [{name: u, user: {client-certificate: current.pem, client-key: current.pem}}]
                """);
        try (Access access = new Access(new Kubeconfig(config, Optional.empty()))) {
            NodeName name = of(Optional.empty(), Optional.of(new ApiServer(access)));
            assertThat(name.get()).isEqualTo("worker-1");

            TestCertificates made = TestCertificates.make(folder, "EC", "CN=system:node:cloud-7,O=system:nodes");
            Files.writeString(folder.resolve("current.pem"), made.certificatePem() + made.keyPem());

            assertThat(name.get()).isEqualTo("cloud-7");
        }
    }

    @Test
    void a_host_name_that_cannot_be_read_is_an_error() {
        NodeName name = new NodeName(Optional.empty(), Optional.empty(), folder.resolve("none"));

        assertThatThrownBy(name::get).isInstanceOf(IOException.class);
    }
}
