package io.podslice.cluster.source;

import io.podslice.node.KnownPod;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.SourceHealth;
import io.podslice.node.SpecSource;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A source that answers what a test tells it to. */
public final class ScriptedSource implements PodSource {
    /** A lookup's answer. */
    public interface Answer {
        Optional<KnownPod> find(PodSandboxRequest pod, Duration atMost) throws IOException;
    }

    private final SpecSource kind;

    /** The answer to lookups; does not have any pod at first. */
    public Answer answer = (pod, atMost) -> Optional.empty();

    /** The copy that it holds. */
    public @Nullable KnownPod copy;

    public boolean ready = true;
    public boolean closed;

    /** The times that lookups were given. */
    public final List<Duration> asked = new ArrayList<>();

    public @Nullable Consumer<KnownPod> changes;

    public ScriptedSource(SpecSource kind) {
        this.kind = kind;
    }

    @Override
    public SpecSource kind() {
        return kind;
    }

    @Override
    public Optional<KnownPod> find(PodSandboxRequest pod, Duration atMost) throws IOException {
        asked.add(atMost);
        return answer.find(pod, atMost);
    }

    @Override
    public Optional<KnownPod> atHand(String uid, String namespace, String name) {
        return Optional.ofNullable(copy)
                .filter(pod -> pod.uid().equals(uid)
                        && pod.namespace().equals(namespace)
                        && pod.name().equals(name));
    }

    @Override
    public void start(Consumer<KnownPod> changes) {
        this.changes = changes;
    }

    @Override
    public SourceHealth health() {
        return new SourceHealth(kind, ready, ready ? "" : "scripted", Instant.EPOCH, 0, 0, 0, 0);
    }

    @Override
    public void close() {
        closed = true;
    }
}
