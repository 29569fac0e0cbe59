package io.podslice.integration.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A day of pods on a simulated node, and what Prometheus sees of it. */
class MetricsTest {
    /**
     * All series that are not 0 at the end of the day. The pod's 2 containers are allocated CPUs; the kubelet's resize
     * gives others to the shared container when the pod grows, and to both when the other container grows. The
     * managers reject the pod that is too large, and one resize three times, which is one infeasible resize.
     */
    private static final String[] EXPECTED = {
        "configuration_in_force{from=\"file\"} 1.0",
        "cpu_manager_exclusive_cpu_allocation_count 4.0",
        "cpu_manager_shared_pool_size_millicores 10000.0",
        "decision_duration_seconds_count{call=\"CreateContainer\",door=\"cri\"} 2.0",
        "decision_duration_seconds_count{call=\"RunPodSandbox\",door=\"cri\"} 2.0",
        "decision_duration_seconds_count{call=\"UpdateContainerResources\",door=\"cri\"} 4.0",
        "decision_duration_seconds_count{call=\"UpdatePodSandboxResources\",door=\"cri\"} 3.0",
        "held_call_duration_seconds_count{call=\"CreateContainer\",door=\"cri\"} 2.0",
        "held_call_duration_seconds_count{call=\"RunPodSandbox\",door=\"cri\"} 2.0",
        "held_call_duration_seconds_count{call=\"UpdateContainerResources\",door=\"cri\"} 4.0",
        "held_call_duration_seconds_count{call=\"UpdatePodSandboxResources\",door=\"cri\"} 3.0",
        "pod_pending_resizes{reason=\"infeasible\"} 1.0",
        "pod_spec_source_ready{source=\"podsAPI\"} 1.0",
        "pods{phase=\"running\"} 1.0",
        "refusals_total{reason=\"UnexpectedAdmissionError\"} 1.0",
        "repairs_total{attribute=\"cpu.max\"} 1.0",
        "repairs_total{attribute=\"cpu.weight\"} 1.0",
        "resizes_total{outcome=\"done\"} 5.0",
        "resizes_total{outcome=\"infeasible\"} 1.0",
        "resource_manager_allocation_errors_total{manager=\"cpu\",source=\"pod\"} 4.0",
        "resource_manager_allocations_total{manager=\"cpu\",source=\"pod\"} 5.0",
        "resource_manager_container_assignments{assignment_type=\"pod_exclusive\"} 1.0",
        "resource_manager_container_assignments{assignment_type=\"pod_shared\"} 1.0"
    };

    private ScriptedDay day;

    @BeforeEach
    void start() throws IOException {
        day = new ScriptedDay();
    }

    @AfterEach
    void end() throws IOException {
        day.close();
    }

    /** Returns the series that are not 0, but for buckets and sums of histograms, and the recording's, which depend on time. */
    private SortedMap<String, Double> scraped() throws IOException, InterruptedException {
        SortedMap<String, Double> series = new TreeMap<>();
        for (MetricsPage.Series one : day.scrape().series()) {
            if (one.value() != 0
                    && !one.name().endsWith("_bucket")
                    && !one.name().endsWith("_sum")
                    && !one.name().startsWith("podslice_recording_")) {
                series.put(one.text().substring("podslice_".length()), one.value());
            }
        }
        return series;
    }

    @Test
    void aDayOfPods() throws Exception {
        day.live();

        SortedMap<String, Double> series = scraped();
        SortedMap<String, Double> journal = new TreeMap<>(series);
        journal.keySet().removeIf(name -> !name.startsWith("journal_writes_total"));
        series.keySet().removeAll(journal.keySet());
        assertThat(series.entrySet().stream().map(one -> one.getKey() + " " + one.getValue()))
                .containsExactly(EXPECTED);
        double begun = journal.getOrDefault("journal_writes_total{event=\"begin\"}", 0.0);
        assertThat(begun).isPositive();
        assertThat(journal).containsEntry("journal_writes_total{event=\"done\"}", begun);
        assertThat(journal.getOrDefault("journal_writes_total{event=\"recorded\"}", 0.0))
                .isPositive();
    }
}
