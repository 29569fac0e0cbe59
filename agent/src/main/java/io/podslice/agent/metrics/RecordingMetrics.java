package io.podslice.agent.metrics;

import io.podslice.agent.record.RecorderFigures;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.function.Supplier;

/** The figures of the recording, read at each scrape; registered only where {@code api.record.dir} is configured. */
final class RecordingMetrics implements MultiCollector {
    private final Supplier<RecorderFigures> recorder;

    RecordingMetrics(Supplier<RecorderFigures> recorder) {
        this.recorder = recorder;
    }

    @Override
    public MetricSnapshots collect() {
        RecorderFigures now = recorder.get();
        return MetricSnapshots.of(
                counter("podslice_recording_entries", "Entries written to the recording.", now.entries()),
                counter("podslice_recording_bytes", "Bytes written to the recording.", now.bytes()),
                counter(
                        "podslice_recording_failures",
                        "Writes to the recording that failed; what happened until the next one is not recorded.",
                        now.failures()),
                GaugeSnapshot.builder()
                        .name("podslice_recording_size_bytes")
                        .help("Bytes of all files of the recording.")
                        .dataPoint(GaugeDataPointSnapshot.builder()
                                .value((double) now.size())
                                .build())
                        .build());
    }

    private static CounterSnapshot counter(String name, String help, long value) {
        return CounterSnapshot.builder()
                .name(name)
                .help(help)
                .dataPoint(
                        CounterDataPointSnapshot.builder().value((double) value).build())
                .build();
    }
}
