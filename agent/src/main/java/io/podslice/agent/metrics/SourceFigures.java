package io.podslice.agent.metrics;

import io.podslice.node.SourceHealth;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * The figures of the sources of pods' specs, read at each scrape; a series for each source that the configuration names.
 */
final class SourceFigures implements MultiCollector {
    private static final String SOURCE = "source";

    private final Supplier<List<SourceHealth>> sources;

    /** @param sources is asked at each scrape; what it throws fails the scrape */
    SourceFigures(Supplier<List<SourceHealth>> sources) {
        this.sources = sources;
    }

    @Override
    public MetricSnapshots collect() {
        List<SourceHealth> now = sources.get();
        return now.isEmpty()
                ? MetricSnapshots.of()
                : MetricSnapshots.of(
                        gauge(
                                "podslice_pod_spec_source_ready",
                                "Sources of pods' specs that would answer now: 1, else 0.",
                                now,
                                source -> source.ready() ? 1 : 0),
                        gauge(
                                "podslice_pod_spec_source_pods",
                                "Pods that a source of pods' specs holds.",
                                now,
                                SourceHealth::pods),
                        lookups(now),
                        failures(now));
    }

    private static GaugeSnapshot gauge(
            String name, String help, List<SourceHealth> sources, ToLongFunction<SourceHealth> value) {
        GaugeSnapshot.Builder gauge = GaugeSnapshot.builder().name(name).help(help);
        for (SourceHealth source : sources) {
            gauge.dataPoint(GaugeDataPointSnapshot.builder()
                    .labels(Labels.of(SOURCE, source.source().text()))
                    .value((double) value.applyAsLong(source))
                    .build());
        }
        return gauge.build();
    }

    private static CounterSnapshot lookups(List<SourceHealth> sources) {
        CounterSnapshot.Builder counter = CounterSnapshot.builder()
                .name("podslice_pod_spec_lookups")
                .help("Lookups of pods' specs, by source and outcome: the source had the pod, or it had not.");
        for (SourceHealth source : sources) {
            counter.dataPoint(lookups(source, "found", source.found()));
            counter.dataPoint(lookups(source, "missed", source.missed()));
        }
        return counter.build();
    }

    private static CounterDataPointSnapshot lookups(SourceHealth source, String outcome, long count) {
        return CounterDataPointSnapshot.builder()
                .labels(Labels.of(SOURCE, source.source().text(), "outcome", outcome))
                .value((double) count)
                .build();
    }

    private static CounterSnapshot failures(List<SourceHealth> sources) {
        CounterSnapshot.Builder counter = CounterSnapshot.builder()
                .name("podslice_pod_spec_source_failures")
                .help("Failures of sources of pods' specs: broken watches, calls without an answer.");
        for (SourceHealth source : sources) {
            counter.dataPoint(CounterDataPointSnapshot.builder()
                    .labels(Labels.of(SOURCE, source.source().text()))
                    .value((double) source.failures())
                    .build());
        }
        return counter.build();
    }
}
