package io.podslice.cluster.source;

import io.podslice.node.KnownPod;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.SourceHealth;
import io.podslice.node.SpecSource;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/** One source of pods' specs. Every method may be called from any thread. */
public interface PodSource extends AutoCloseable {

    /** Returns the kind of source. */
    SpecSource kind();

    /**
     * Looks a pod up.
     *
     * @param atMost the time to wait for the source
     * @return empty if the source answers that it does not have the pod
     * @throws SourceAbsentException if there is no such source on this node, which is no failure
     * @throws IOException if it cannot tell: it does not answer in time, or answers what cannot be read
     */
    Optional<KnownPod> find(PodSandboxRequest pod, Duration atMost) throws IOException;

    /**
     * Returns a pod as the source's watch has it; empty if it has none of that uid, namespace and name. Waits for nothing.
     *
     * @param uid the uid by which CRI knows the pod; other pods may claim it, but none of that namespace and name
     */
    default Optional<KnownPod> atHand(String uid, String namespace, String name) {
        return Optional.empty();
    }

    /**
     * Begins to watch, if the source can be watched.
     *
     * @param changes gets each pod that is new or has changed, on a thread of the source; may block
     */
    void start(Consumer<KnownPod> changes);

    /** Returns its health. Waits for nothing. */
    SourceHealth health();

    /** Ends its watch and its connections. */
    @Override
    void close();
}
