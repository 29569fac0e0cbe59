package io.podslice.cluster.events;

import io.podslice.node.PodName;
import java.io.StringWriter;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** Writes events of {@code events.k8s.io/v1} as JSON. */
final class EventJson {
    /** The component that reports. */
    static final String CONTROLLER = "podslice.io/agent";

    /** The longest {@code reportingInstance} that the API server takes. */
    private static final int LONGEST_INSTANCE = 128;

    /** The API's MicroTime. */
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private static final JsonFactory JSON = new JsonFactory();

    private EventJson() {}

    /** Writes a whole event, with its series where it has repeated. */
    static String created(EventSeries series, String nodeName) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
            PodIncident incident = series.incident();
            PodName pod = incident.pod();
            json.writeStartObject()
                    .writeStringProperty("apiVersion", "events.k8s.io/v1")
                    .writeStringProperty("kind", "Event")
                    .writeObjectPropertyStart("metadata")
                    .writeStringProperty("namespace", pod.namespace())
                    .writeStringProperty("name", series.name())
                    .writeEndObject()
                    .writeStringProperty("eventTime", time(series.first().time()));
            if (series.count() > 1) {
                writeSeries(json, series);
            }
            json.writeStringProperty("reportingController", CONTROLLER)
                    .writeStringProperty(
                            "reportingInstance", nodeName.substring(0, Math.min(nodeName.length(), LONGEST_INSTANCE)))
                    .writeStringProperty("action", incident.kind().action())
                    .writeStringProperty("reason", incident.kind().reason())
                    .writeObjectPropertyStart("regarding")
                    .writeStringProperty("apiVersion", "v1")
                    .writeStringProperty("kind", "Pod")
                    .writeStringProperty("namespace", pod.namespace())
                    .writeStringProperty("name", pod.name())
                    .writeStringProperty("uid", pod.uid())
                    .writeEndObject()
                    .writeStringProperty("note", incident.note())
                    .writeStringProperty("type", incident.kind().type())
                    .writeEndObject();
        }
        return text.toString();
    }

    /** Writes the merge patch that updates the series of an event. */
    static String updated(EventSeries series) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            writeSeries(json, series);
            json.writeEndObject();
        }
        return text.toString();
    }

    private static void writeSeries(JsonGenerator json, EventSeries series) {
        json.writeObjectPropertyStart("series")
                .writeNumberProperty("count", series.count())
                .writeStringProperty("lastObservedTime", time(series.last().time()))
                .writeEndObject();
    }

    private static String time(Instant instant) {
        return TIME.format(instant);
    }
}
