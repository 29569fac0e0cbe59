package io.podslice.node.brain;

import io.podslice.managers.pod.PodAnnotations;
import io.podslice.managers.pod.PodSpec;
import io.podslice.node.KnownPod;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.PodSpecs;
import io.podslice.node.SourceHealth;
import io.podslice.node.SpecSource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;

/** A source of pods' specs that a test fills, and lets fail. */
final class FakeSpecs implements PodSpecs {
    /** The pods that the source has, by the uid that CRI asks for. */
    final Map<String, KnownPod> pods = new ConcurrentHashMap<>();

    /** The uids of the pods that were looked up, in order. */
    final List<String> asked = new ArrayList<>();

    /** The answer in place of that by the pods; a fault. */
    BiFunction<PodSandboxRequest, Duration, Lookup> answer = this::known;

    private Lookup known(PodSandboxRequest pod, Duration atMost) {
        KnownPod known = pods.get(pod.uid());
        return known == null
                ? new Lookup(Optional.empty(), List.of("podsAPI: has no pod of that uid"))
                : new Lookup(Optional.of(known), List.of());
    }

    /** Answers like one that is away. */
    void away() {
        answer = (pod, atMost) -> new Lookup(Optional.empty(), List.of("podsAPI: no such socket"));
    }

    /** Answers like one that does not answer in time. */
    void late() {
        answer = (pod, atMost) -> {
            try {
                Thread.sleep(atMost);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return new Lookup(Optional.empty(), List.of("podsAPI: no answer in time"));
        };
    }

    /** Answers by the pods again. */
    void back() {
        answer = this::known;
    }

    @Override
    public Lookup find(PodSandboxRequest pod, Duration atMost) {
        asked.add(pod.uid());
        return answer.apply(pod, atMost);
    }

    @Override
    public List<SourceHealth> health() {
        return List.of(new SourceHealth(SpecSource.PODS_API, true, "", Instant.EPOCH, pods.size(), 0, 0, 0));
    }

    /** Describes a pod by a spec as an annotation has it, and returns the description. */
    KnownPod describe(PodSandboxRequest pod, String json) {
        KnownPod known = of(pod, specOf(json), 1);
        pods.put(pod.uid(), known);
        return known;
    }

    static PodSpec specOf(String json) {
        return PodAnnotations.of(BrainFixture.spec(json)).spec().orElseThrow();
    }

    static KnownPod of(PodSandboxRequest pod, PodSpec spec, long generation) {
        return new KnownPod(
                SpecSource.PODS_API, pod.uid(), pod.namespace(), pod.name(), spec, 7, generation, false, false);
    }

    static KnownPod later(KnownPod known, String json, long generation) {
        return new KnownPod(
                known.source(),
                known.uid(),
                known.namespace(),
                known.name(),
                specOf(json),
                known.priority(),
                generation,
                false,
                false);
    }
}
