package io.podslice.agent.metrics;

import io.podslice.agent.config.Standing;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/** The configuration that is in force, read at each scrape; without series until it is told. */
final class ConfigurationGauges implements MultiCollector {
    private final Supplier<Optional<Standing>> standing;

    ConfigurationGauges(Supplier<Optional<Standing>> standing) {
        this.standing = standing;
    }

    @Override
    public MetricSnapshots collect() {
        return standing.get().map(ConfigurationGauges::figures).orElseGet(MetricSnapshots::of);
    }

    private static MetricSnapshots figures(Standing now) {
        GaugeSnapshot.Builder inForce = GaugeSnapshot.builder()
                .name("podslice_configuration_in_force")
                .help(
                        "Where the configuration in force comes from: 1 for the file, the last good one, what was in force"
                                + " before a reload of a wrong file, or none; else 0.");
        for (Standing.InForce value : Standing.InForce.values()) {
            inForce.dataPoint(GaugeDataPointSnapshot.builder()
                    .labels(Labels.of("from", value.name().toLowerCase(Locale.ROOT)))
                    .value(value == now.inForce() ? 1 : 0)
                    .build());
        }
        GaugeSnapshot problems = GaugeSnapshot.builder()
                .name("podslice_configuration_problems")
                .help("Mistakes in the configuration file, and settings that this machine does not have.")
                .dataPoint(
                        GaugeDataPointSnapshot.builder().value(now.problems()).build())
                .build();
        return MetricSnapshots.of(inForce.build(), problems);
    }
}
