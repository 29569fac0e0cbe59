package io.podslice.agent.metrics;

import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Writes all metrics of a registry in the format that the scraper asks for. */
final class Exposition {
    private final PrometheusRegistry registry;
    private final ExpositionFormatWriter text = PrometheusTextFormatWriter.create();
    private final ExpositionFormatWriter openMetrics = OpenMetricsTextFormatWriter.create();

    Exposition(PrometheusRegistry registry) {
        this.registry = registry;
    }

    /** A scrape's answer. */
    record Page(String contentType, String body) {}

    /**
     * Scrapes.
     *
     * @param accept the request's Accept header; null for none, which gets the text format 0.0.4
     */
    Page scrape(@Nullable String accept) {
        ExpositionFormatWriter writer = openMetrics.accepts(accept) ? openMetrics : text;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            writer.write(out, registry.scrape());
        } catch (IOException e) {
            throw new UncheckedIOException(e); // nothing is written but memory
        }
        return new Page(writer.getContentType(), out.toString(StandardCharsets.UTF_8));
    }
}
