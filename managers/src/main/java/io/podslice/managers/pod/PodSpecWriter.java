package io.podslice.managers.pod;

import java.io.StringWriter;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** Writes the annotation's JSON, which {@link PodSpecReader} reads. */
final class PodSpecWriter {
    private static final JsonFactory FACTORY = new JsonFactory();

    private final JsonGenerator json;

    private PodSpecWriter(JsonGenerator json) {
        this.json = json;
    }

    static String text(PodSpec pod) {
        StringWriter text = new StringWriter();
        try (JsonGenerator generator = FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
            new PodSpecWriter(generator).pod(pod);
        }
        return text.toString();
    }

    private void pod(PodSpec pod) {
        json.writeStartObject();
        resources(pod.resources());
        json.writeArrayPropertyStart("containers");
        pod.containers().forEach(this::container);
        json.writeEndArray();
        json.writeEndObject();
    }

    private void container(ContainerSpec container) {
        json.writeStartObject();
        json.writeStringProperty("name", container.name());
        json.writeStringProperty("kind", container.kind().text());
        resources(container.resources());
        json.writeArrayPropertyStart("resizePolicy");
        resizePolicy(ResourceName.CPU, container.resizePolicy().cpu());
        resizePolicy(ResourceName.MEMORY, container.resizePolicy().memory());
        json.writeEndArray();
        json.writeEndObject();
    }

    private void resizePolicy(ResourceName resource, ResizePolicy.RestartPolicy policy) {
        json.writeStartObject();
        json.writeStringProperty("resourceName", resource.value());
        json.writeStringProperty("restartPolicy", policy.text());
        json.writeEndObject();
    }

    private void resources(ResourceRequirements resources) {
        json.writeObjectPropertyStart("resources");
        amounts("requests", resources.requests());
        amounts("limits", resources.limits());
        json.writeEndObject();
    }

    private void amounts(String name, ResourceList list) {
        json.writeObjectPropertyStart(name);
        for (ResourceName resource : list.names()) {
            json.writeStringProperty(resource.value(), list.get(resource).toString());
        }
        json.writeEndObject();
    }
}
