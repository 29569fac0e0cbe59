package io.podslice.cluster.apiserver;

import io.podslice.managers.pod.Printable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Objects in one of the two forms in which the API server sends them. */
sealed interface Wire permits ProtobufWire, JsonWire {
    /** Protobuf, which is asked for first: what is not read of it costs nothing. */
    String PROTOBUF = "application/vnd.kubernetes.protobuf";

    String JSON = "application/json";

    /** The longest pod, and event of a watch, in bytes; etcd takes no object above 1.5 MiB by default. */
    int MOST_POD_BYTES = 2 << 20;

    /** The annotation of the bookmark that ends the initial events (WatchList, KEP-3157). */
    String INITIAL_EVENTS_END = "k8s.io/initial-events-end";

    /**
     * Returns an encoded pod.
     *
     * @throws IOException if the bytes are no object
     */
    ByteBuffer pod(byte[] bytes) throws IOException;

    /**
     * Returns a page of pods.
     *
     * @throws IOException if the bytes are no list of pods
     */
    PodPage pods(byte[] bytes) throws IOException;

    /**
     * Returns a status.
     *
     * @throws IOException if the bytes are none
     */
    Status status(byte[] bytes) throws IOException;

    /**
     * Reads a page of a list as it comes, so that no more than one object is held at a time.
     *
     * @param items takes each object
     * @param deadline the end of the time for the page
     * @throws IOException if the page breaks, is late, or cannot be read
     */
    ListEnd list(Body body, ListItems items, Deadline deadline) throws IOException;

    /**
     * Reads the next event of a watch.
     *
     * @param deadline the end of the time for it
     * @return empty at the end of the watch
     * @throws IOException if the watch breaks, falls silent, or sends what cannot be read
     */
    Optional<PodEvent> next(Body body, Deadline deadline) throws IOException;

    /**
     * Returns the form of an answer.
     *
     * @param contentType the header's value
     * @throws IOException if it is neither
     */
    static Wire of(String contentType) throws IOException {
        String type = contentType.split(";", 2)[0].strip();
        return switch (type) {
            case PROTOBUF -> new ProtobufWire();
            case JSON -> new JsonWire();
            default -> throw new IOException("the API server answers in \"" + Printable.of(type, 64) + "\"");
        };
    }
}
