package io.podslice.agent.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.podslice.agent.api.ApiNode;
import io.podslice.agent.api.FakeNode;
import io.podslice.agent.config.Standing;
import io.podslice.agent.record.RecorderFigures;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.Door;
import io.podslice.node.NodeCounter;
import io.podslice.node.NodeRequest;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Metrics as Prometheus scrapes them. */
class MetricsServerTest {
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);
    private static final NodeRequest UPDATE =
            new NodeRequest.UpdatePodSandbox("sb", Map.of(), LinuxResources.NONE, LinuxResources.NONE);

    private final AtomicReference<ApiNode> node = new AtomicReference<>(new ApiNode.Managed(new FakeNode()));
    private final MetricsDoor door = new MetricsDoor(ANY_PORT);

    @BeforeEach
    void listen() {
        door.listen(node::get);
    }

    @AfterEach
    void close() {
        door.close();
    }

    private HttpResponse<String> get(String path) throws Exception {
        return Scrape.get(door.port(), path, "");
    }

    @Test
    void gaugesAreReadFromTheNode() throws Exception {
        HttpResponse<String> answer = get("/metrics");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain; version=0.0.4"));
        assertThat(answer.body().lines())
                .contains(
                        "# TYPE podslice_pods gauge",
                        "podslice_pods{phase=\"starting\"} 0.0",
                        "podslice_pods{phase=\"running\"} 3.0",
                        "podslice_cpu_manager_exclusive_cpu_allocation_count 2.0",
                        "podslice_cpu_manager_shared_pool_size_millicores 12000.0",
                        "podslice_pod_pending_resizes{reason=\"deferred\"} 1.0",
                        "podslice_pod_pending_resizes{reason=\"infeasible\"} 0.0",
                        "podslice_pod_in_progress_resizes 0.0",
                        "podslice_resource_manager_container_assignments{assignment_type=\"pod_shared\"} 4.0",
                        "podslice_resource_manager_container_assignments{assignment_type=\"node_exclusive\"} 0.0",
                        "podslice_memory_qos_node_memory_min_bytes 4096.0",
                        "podslice_memory_qos_node_memory_low_bytes 8192.0");
        assertThat(get("/").statusCode()).isEqualTo(404);
    }

    @Test
    void theRecordingHasItsFiguresWhereItIsOn() throws Exception {
        assertThat(get("/metrics").body()).doesNotContain("podslice_recording_");

        door.recording(() -> new RecorderFigures(3, 4096, 1, 2048));
        assertThat(get("/metrics").body().lines())
                .contains(
                        "podslice_recording_entries_total 3.0",
                        "podslice_recording_bytes_total 4096.0",
                        "podslice_recording_failures_total 1.0",
                        "podslice_recording_size_bytes 2048.0");
    }

    @Test
    void eachSourceOfSpecsHasItsSeries() throws Exception {
        assertThat(get("/metrics").body()).doesNotContain("podslice_pod_spec_");

        FakeNode withSources = new FakeNode();
        withSources.hasSourcesSince(Instant.EPOCH);
        node.set(new ApiNode.Managed(withSources));
        assertThat(get("/metrics").body().lines())
                .contains(
                        "# TYPE podslice_pod_spec_lookups_total counter",
                        "podslice_pod_spec_lookups_total{outcome=\"found\",source=\"podsAPI\"} 340.0",
                        "podslice_pod_spec_lookups_total{outcome=\"missed\",source=\"apiServer\"} 5.0",
                        "podslice_pod_spec_source_failures_total{source=\"apiServer\"} 17.0",
                        "podslice_pod_spec_source_ready{source=\"podsAPI\"} 1.0",
                        "podslice_pod_spec_source_ready{source=\"apiServer\"} 0.0",
                        "podslice_pod_spec_source_pods{source=\"podsAPI\"} 3.0");
    }

    @Test
    void tellsWhichConfigurationIsInForce() throws Exception {
        assertThat(get("/metrics").body()).doesNotContain("podslice_configuration_");

        door.configuration(new Standing(Standing.InForce.LAST_GOOD, 2, "the last good one; not taken: f:1: x"));
        assertThat(get("/metrics").body().lines())
                .contains(
                        "podslice_configuration_in_force{from=\"file\"} 0.0",
                        "podslice_configuration_in_force{from=\"before_reload\"} 0.0",
                        "podslice_configuration_in_force{from=\"last_good\"} 1.0",
                        "podslice_configuration_in_force{from=\"none\"} 0.0",
                        "podslice_configuration_problems 2.0");
    }

    @Test
    void seriesOfCountersExistBeforeTheFirstEvent() throws Exception {
        assertThat(get("/metrics").body())
                .contains(
                        "podslice_refusals_total{reason=\"TopologyAffinityError\"} 0.0\n",
                        "podslice_resource_manager_allocations_total{manager=\"cpu\",source=\"pod\"} 0.0\n",
                        "podslice_resource_manager_allocation_errors_total{manager=\"topology\",source=\"node\"} 0.0\n")
                .doesNotContain("\"other\"", "_bucket");
    }

    @Test
    void eventsAreCounted() throws Exception {
        door.meter().count(NodeCounter.ALLOCATIONS, "memory", "node");
        door.meter().count(NodeCounter.ALLOCATIONS, "memory", "node");
        door.meter().held(Door.NRI, UPDATE, Duration.ofMillis(7));
        door.meter().decided(Door.CRI, UPDATE, Duration.ofSeconds(11));
        assertThat(get("/metrics").body())
                .contains(
                        "podslice_resource_manager_allocations_total{manager=\"memory\",source=\"node\"} 2.0\n",
                        "podslice_held_call_duration_seconds_bucket{call=\"UpdatePodSandboxResources\",door=\"nri\",le=\"0.005\"} 0\n",
                        "podslice_held_call_duration_seconds_bucket{call=\"UpdatePodSandboxResources\",door=\"nri\",le=\"0.01\"} 1\n",
                        "podslice_decision_duration_seconds_bucket{call=\"UpdatePodSandboxResources\",door=\"cri\",le=\"10.0\"} 0\n",
                        "podslice_decision_duration_seconds_bucket{call=\"UpdatePodSandboxResources\",door=\"cri\",le=\"+Inf\"} 1\n",
                        "podslice_decision_duration_seconds_sum{call=\"UpdatePodSandboxResources\",door=\"cri\"} 11.0\n");
    }

    @Test
    void textFromOutsideBecomesNoSeries() throws Exception {
        for (int i = 0; i < 1_000; i++) {
            door.meter().count(NodeCounter.REFUSALS, "tenant\"\n" + i);
            door.meter().count(NodeCounter.REPAIRS, "file" + i);
        }
        String body = get("/metrics").body();
        assertThat(body)
                .contains(
                        "podslice_refusals_total{reason=\"other\"} 1000.0\n",
                        "podslice_repairs_total{attribute=\"other\"} 1000.0\n")
                .doesNotContain("tenant", "\"file");
        assertThat(body.lines().count()).isLessThan(120);
    }

    @Test
    void thePageHasOneHelpAndOneTypeForEachFamily() throws Exception {
        door.meter().held(Door.CRI, UPDATE, Duration.ofMillis(1));
        assertWellFormed(get("/metrics").body());
    }

    /** The text format 0.0.4: each family opens with its HELP and TYPE, and its samples follow. */
    private static void assertWellFormed(String page) {
        Pattern sample = Pattern.compile(
                "([a-z_]+?)(?:_bucket|_sum|_count)?(\\{[a-z_]+=\"[^\"\\\\\\n]*\"(,[a-z_]+=\"[^\"\\\\\\n]*\")*})? [-+.\\dEInf]+");
        Set<String> families = new HashSet<>();
        String family = "";
        for (String line : (Iterable<String>) page.lines()::iterator) {
            String[] words = line.split(" ", 4);
            if (line.startsWith("# HELP ")) {
                family = words[2];
                assertThat(families.add(family)).as(line).isTrue();
                assertThat(words[3]).as(line).isNotBlank();
            } else if (line.startsWith("# TYPE ")) {
                assertThat(words[2]).isEqualTo(family);
                assertThat(words[3]).isIn("gauge", "counter", "histogram");
            } else {
                assertThat(line).matches(sample).startsWith(family);
            }
        }
        assertThat(families).hasSizeGreaterThan(10);
    }

    @Test
    void openMetricsIsServedToAScraperThatAsksForIt() throws Exception {
        HttpResponse<String> answer = Scrape.get(
                door.port(),
                "/metrics",
                "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.3,*/*;q=0.2");
        assertThat(answer.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("application/openmetrics-text; version=1.0.0"));
        assertThat(answer.body()).contains("# TYPE podslice_refusals counter\n").endsWith("# EOF\n");
    }

    @Test
    void untilTheStateIsReadThereIsNothing() throws Exception {
        node.set(new ApiNode.Opening());
        assertThat(get("/metrics").statusCode()).isEqualTo(503);
    }

    @Test
    void aPortThatIsTakenIsNoReasonToFail() {
        InetSocketAddress taken = new InetSocketAddress(ANY_PORT.getAddress(), door.port());
        try (MetricsDoor late = new MetricsDoor(taken)) {
            late.listen(node::get);
            assertThat(late.port()).isEqualTo(-1);
            late.meter().count(NodeCounter.RESIZES, "done");
        }
        assertThat(List.of(NodeCounter.values()))
                .allSatisfy(counter ->
                        assertThat(counter.metric()).startsWith("podslice_").endsWith("_total"));
    }
}
