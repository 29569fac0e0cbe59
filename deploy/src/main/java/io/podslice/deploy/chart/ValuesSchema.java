package io.podslice.deploy.chart;

import io.podslice.agent.config.ConfigurationSchema;
import io.podslice.agent.text.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The chart's {@code values.schema.json}: the chart's own values, and below {@code config} the rules of {@code podslice config
 * schema}, by which Helm refuses a wrong configuration before any node has it.
 */
public final class ValuesSchema {
    private static final JsonMapper MAPPER = JsonMapper.shared();

    private ValuesSchema() {}

    /** Returns the schema as text. */
    public static String text() {
        ObjectNode schema = (ObjectNode) MAPPER.readTree(own());
        ObjectNode config = (ObjectNode) MAPPER.readTree(ConfigurationSchema.text());
        // The chart writes the head of the file, and is one document with the rules.
        config.remove(List.of("$schema", "title", "required"));
        config.withObjectProperty("properties").remove(List.of("apiVersion", "kind"));
        schema.withObjectProperty("properties").set("config", config);
        return Json.text(schema);
    }

    private static String own() {
        try (InputStream file = ValuesSchema.class.getResourceAsStream("values.schema.json")) {
            if (file == null) {
                throw new IllegalStateException("values.schema.json is not beside " + ValuesSchema.class);
            }
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
