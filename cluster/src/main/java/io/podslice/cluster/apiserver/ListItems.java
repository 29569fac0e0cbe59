package io.podslice.cluster.apiserver;

import io.podslice.cluster.document.DocumentNode;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Takes the objects of a list one by one, in the form in which the API server sends them. For one thread. */
public interface ListItems {

    /** Begins the list, or begins it anew: what has come before does not count. */
    void begin();

    /**
     * Takes an object in protobuf.
     *
     * @throws IOException if the object ends the reading
     */
    void message(ByteBuffer object) throws IOException;

    /**
     * Takes an object in JSON, with its {@code managedFields}.
     *
     * @throws IOException if the object ends the reading
     */
    void document(DocumentNode object) throws IOException;
}
