package io.podslice.agent.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** The node's figures as Prometheus reads them. */
class MetricsServerTest {
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);

    private final AtomicReference<ApiNode> node = new AtomicReference<>(new ApiNode.Managed(new FakeNode()));

    private static HttpResponse<String> get(MetricsServer server, String path) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                            .timeout(Duration.ofSeconds(20))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    @Test
    void everyFigureHasItsTypeAndHelp() throws Exception {
        try (MetricsServer server = new MetricsServer(ANY_PORT, node::get)) {
            HttpResponse<String> answer = get(server, "/metrics");
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.headers().firstValue("Content-Type"))
                    .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain; version=0.0.4"));
            assertThat(answer.body())
                    .contains(
                            "# TYPE podslice_pods gauge\n",
                            "podslice_pods{phase=\"starting\"} 0\n",
                            "podslice_pods{phase=\"running\"} 3\n",
                            "podslice_cpu_manager_exclusive_cpu_allocation_count 2\n",
                            "podslice_cpu_manager_shared_pool_size_millicores 12000\n",
                            "podslice_pod_pending_resizes{reason=\"deferred\"} 1\n",
                            "podslice_pod_pending_resizes{reason=\"infeasible\"} 0\n",
                            "podslice_pod_in_progress_resizes 0\n",
                            "podslice_memory_qos_node_memory_min_bytes 4096\n",
                            "podslice_memory_qos_node_memory_low_bytes 8192\n")
                    .matches("(?s)(# (HELP|TYPE) \\S+ [^\\n]+\\n|[a-z_]+(\\{[a-z]+=\"[a-z]+\"\\})? \\d+\\n)*");
            assertThat(get(server, "/").statusCode()).isEqualTo(404);
        }
    }

    @Test
    void untilTheStateIsReadThereIsNothing() throws Exception {
        node.set(new ApiNode.Opening());
        try (MetricsServer server = new MetricsServer(ANY_PORT, node::get)) {
            assertThat(get(server, "/metrics").statusCode()).isEqualTo(503);
        }
    }

    @Test
    void aPortThatIsTakenCannotBeHad() throws IOException {
        try (MetricsServer server = new MetricsServer(ANY_PORT, node::get)) {
            InetSocketAddress taken = new InetSocketAddress(ANY_PORT.getAddress(), server.port());
            assertThatThrownBy(() -> new MetricsServer(taken, node::get)).isInstanceOf(BindException.class);
        }
    }
}
