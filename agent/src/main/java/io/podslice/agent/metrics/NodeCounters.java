package io.podslice.agent.metrics;

import io.podslice.node.Door;
import io.podslice.node.NodeCounter;
import io.podslice.node.NodeMeter;
import io.podslice.node.NodeRequest;
import io.prometheus.metrics.config.PrometheusProperties;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * Counts and times what the brain and its doors tell. Every series of a counter exists from the start, at zero, so that
 * the first event is an increase. Any thread may use it.
 */
final class NodeCounters implements NodeMeter {
    private static final double NANOS_OF_A_SECOND = 1e9;

    /** Upper bounds in seconds, up to the default budget of a decision and a little beyond. */
    private static final double[] SECONDS = {
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10
    };

    private final Map<NodeCounter, Counter> counters;
    private final Histogram decisions;
    private final Histogram held;

    /**
     * Registers all counters and histograms.
     *
     * @param properties the library's settings
     */
    NodeCounters(PrometheusRegistry registry, PrometheusProperties properties) {
        Map<NodeCounter, Counter> made = new EnumMap<>(NodeCounter.class);
        for (NodeCounter counter : NodeCounter.values()) {
            made.put(counter, counter(counter, registry, properties));
        }
        this.counters = Collections.unmodifiableMap(made);
        this.decisions = histogram(
                "podslice_decision_duration_seconds",
                "Time in which the brain decided on a request, by call and door.",
                registry,
                properties);
        this.held = histogram(
                "podslice_held_call_duration_seconds",
                "Time for which a call was held until its verdict, by call and door.",
                registry,
                properties);
    }

    private static Counter counter(NodeCounter of, PrometheusRegistry registry, PrometheusProperties properties) {
        Counter counter = Counter.builder(properties)
                .name(of.metric())
                .help(of.help())
                .labelNames(of.labels().toArray(new String[0]))
                .withoutExemplars()
                .register(registry);
        of.series().forEach(values -> counter.initLabelValues(values.toArray(new String[0])));
        return counter;
    }

    private static Histogram histogram(
            String name, String help, PrometheusRegistry registry, PrometheusProperties properties) {
        return Histogram.builder(properties)
                .name(name)
                .help(help)
                .labelNames("call", "door")
                .classicOnly()
                .classicUpperBounds(SECONDS)
                .withoutExemplars()
                .register(registry);
    }

    @Override
    public void decided(Door door, NodeRequest request, Duration took) {
        decisions.labelValues(request.call(), door.label()).observe(seconds(took));
    }

    @Override
    public void held(Door door, NodeRequest request, Duration took) {
        held.labelValues(request.call(), door.label()).observe(seconds(took));
    }

    @Override
    public void count(NodeCounter counter, String... labels) {
        Counter counted = counters.get(counter);
        if (counted != null) {
            counted.labelValues(counter.bounded(labels)).inc();
        }
    }

    private static double seconds(Duration took) {
        return took.toNanos() / NANOS_OF_A_SECOND;
    }
}
