package io.podslice.cluster.apiserver;

import io.podslice.cluster.document.DocumentNode;
import io.podslice.cluster.document.DocumentReader;
import io.podslice.cluster.document.PodDocument;
import io.podslice.managers.pod.Printable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** JSON, which a proxy before the API server may answer in; each event of a watch is a line. */
final class JsonWire implements Wire {

    @Override
    public ByteBuffer pod(byte[] bytes) throws IOException {
        return PodDocument.encoded(document(bytes));
    }

    @Override
    public PodPage pods(byte[] bytes) throws IOException {
        return PodPage.read(document(bytes));
    }

    @Override
    public Status status(byte[] bytes) throws IOException {
        return Status.read(document(bytes));
    }

    @Override
    public ListEnd list(Body body, ListItems items, Deadline deadline) throws IOException {
        BodyStream stream = new BodyStream(body, deadline);
        DocumentNode list = DocumentReader.list(stream, true, items::document);
        stream.end();
        return ListEnd.of(list.get("metadata"));
    }

    @Override
    public Optional<PodEvent> next(Body body, Deadline deadline) throws IOException {
        byte[] line = line(body, deadline);
        return line.length == 0 ? Optional.empty() : Optional.of(event(document(line)));
    }

    private static PodEvent event(DocumentNode event) throws IOException {
        DocumentNode object = event.get("object");
        String type = event.get("type").text();
        return switch (type) {
            case "ADDED", "MODIFIED" -> new PodEvent.Changed(PodDocument.encoded(object));
            case "DELETED" -> new PodEvent.Deleted(PodDocument.encoded(object));
            case "BOOKMARK" -> {
                DocumentNode metadata = object.get("metadata");
                yield new PodEvent.Bookmark(
                        metadata.get("resourceVersion").text(),
                        metadata.get("annotations").has(INITIAL_EVENTS_END));
            }
            case "ERROR" -> new PodEvent.Failed(Status.read(object));
            default ->
                throw new IOException("the API server sends an event of type \"" + Printable.of(type, 64) + "\"");
        };
    }

    /** Reads up to the end of a line that is not empty; nothing at the end of the body. */
    private static byte[] line(Body body, Deadline deadline) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int read = 0;
        for (int next = body.read(deadline); next >= 0; next = body.read(deadline)) {
            if (next != '\n') {
                line.write(next);
            } else if (line.size() > 0) {
                return line.toByteArray();
            }
            if (++read > MOST_POD_BYTES) {
                throw new IOException("the API server sends an event of more than " + MOST_POD_BYTES + " bytes");
            }
        }
        if (line.size() > 0) {
            throw new IOException("the watch ends within an event");
        }
        return new byte[0];
    }

    private static DocumentNode document(byte[] bytes) throws IOException {
        try {
            return DocumentReader.json(bytes);
        } catch (IOException e) {
            throw new IOException("the API server sends what is " + e.getMessage(), e);
        }
    }
}
