package io.podslice.cluster.document;

import io.podslice.managers.pod.Printable;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Encodes a pod that is given in JSON or YAML as {@code k8s.io.api.core.v1.Pod}, as far as podslice reads pods: numbers of
 * fields as in {@code core_v1.proto}. So there is one reader of pods, whatever form they come in.
 */
public final class PodDocument {
    private PodDocument() {}

    /**
     * Encodes a pod; unknown fields are skipped.
     *
     * @throws IOException if a number is none
     */
    public static ByteBuffer encoded(DocumentNode pod) throws IOException {
        return new MessageWriter()
                .message(1, metadata(pod.get("metadata")))
                .message(2, spec(pod.get("spec")))
                .message(3, status(pod.get("status")))
                .encoded();
    }

    private static MessageWriter metadata(DocumentNode metadata) throws IOException {
        MessageWriter writer = new MessageWriter()
                .text(1, metadata.get("name").text())
                .text(3, metadata.get("namespace").text())
                .text(5, metadata.get("uid").text())
                .text(6, metadata.get("resourceVersion").text())
                .number(7, number(metadata, "generation"))
                .texts(11, metadata.get("labels").entries())
                .texts(12, metadata.get("annotations").entries());
        // Of a deletion's time only its presence is read.
        return metadata.has("deletionTimestamp") ? writer.message(9, new MessageWriter()) : writer;
    }

    private static MessageWriter spec(DocumentNode spec) throws IOException {
        MessageWriter writer = new MessageWriter();
        for (DocumentNode container : spec.get("containers").items()) {
            writer.message(2, container(container));
        }
        writer.text(3, spec.get("restartPolicy").text())
                .text(10, spec.get("nodeName").text());
        for (DocumentNode container : spec.get("initContainers").items()) {
            writer.message(20, container(container));
        }
        writer.text(24, spec.get("priorityClassName").text())
                .number(25, number(spec, "priority"))
                .quantities(32, spec.get("overhead").entries());
        for (DocumentNode container : spec.get("ephemeralContainers").items()) {
            writer.message(34, new MessageWriter().message(1, container(container)));
        }
        return resources(writer, 40, spec);
    }

    private static MessageWriter container(DocumentNode container) {
        MessageWriter writer = resources(
                new MessageWriter()
                        .text(1, container.get("name").text())
                        .text(2, container.get("image").text()),
                8,
                container);
        for (DocumentNode policy : container.get("resizePolicy").items()) {
            writer.message(
                    23,
                    new MessageWriter()
                            .text(1, policy.get("resourceName").text())
                            .text(2, policy.get("restartPolicy").text()));
        }
        return writer.text(24, container.get("restartPolicy").text());
    }

    private static MessageWriter status(DocumentNode status) throws IOException {
        MessageWriter writer = new MessageWriter().text(1, status.get("phase").text());
        for (DocumentNode condition : status.get("conditions").items()) {
            writer.message(
                    2,
                    new MessageWriter()
                            .text(1, condition.get("type").text())
                            .text(2, condition.get("status").text())
                            .text(5, condition.get("reason").text())
                            .text(6, condition.get("message").text())
                            .number(7, number(condition, "observedGeneration")));
        }
        writer.text(3, status.get("message").text())
                .text(4, status.get("reason").text());
        for (DocumentNode container : status.get("containerStatuses").items()) {
            writer.message(8, containerStatus(container));
        }
        writer.text(9, status.get("qosClass").text());
        for (DocumentNode container : status.get("initContainerStatuses").items()) {
            writer.message(10, containerStatus(container));
        }
        writer.number(17, number(status, "observedGeneration"))
                .quantities(19, status.get("allocatedResources").entries());
        return resources(writer, 20, status);
    }

    private static MessageWriter containerStatus(DocumentNode container) throws IOException {
        return resources(
                new MessageWriter()
                        .text(1, container.get("name").text())
                        .number(5, number(container, "restartCount"))
                        .text(8, container.get("containerID").text())
                        .quantities(10, container.get("allocatedResources").entries()),
                11,
                container);
    }

    private static MessageWriter resources(MessageWriter writer, int field, DocumentNode of) {
        if (!of.has("resources")) {
            return writer;
        }
        DocumentNode resources = of.get("resources");
        return writer.message(
                field,
                new MessageWriter()
                        .quantities(1, resources.get("limits").entries())
                        .quantities(2, resources.get("requests").entries()));
    }

    /**
     * Returns a mapping's number; 0 where it has none.
     *
     * @throws IOException if the value is no whole number of 64 bits
     */
    public static long number(DocumentNode mapping, String key) throws IOException {
        if (!mapping.has(key)) {
            return 0;
        }
        String text = mapping.get(key).text();
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new IOException(key + ": \"" + Printable.of(text, 64) + "\": must be a whole number", e);
        }
    }
}
