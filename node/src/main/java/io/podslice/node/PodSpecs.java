package io.podslice.node;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Pods as the cluster knows them, from the configured sources. Every method may be called from any thread; none throws
 * for anything that a source says or fails to say.
 */
public interface PodSpecs {

    /** Has no source. */
    PodSpecs NONE = new PodSpecs() {
        @Override
        public Lookup find(PodSandboxRequest pod, Duration atMost) {
            return Lookup.NOTHING;
        }

        @Override
        public List<SourceHealth> health() {
            return List.of();
        }
    };

    /**
     * A pod that was looked up.
     *
     * @param pod the pod as the best source describes it; empty if none does
     * @param remarks one line for each source that was asked and does not have the pod, or has another spec than the one
     *     that won, and why; for the log and for {@code --explain}
     */
    record Lookup(Optional<KnownPod> pod, List<String> remarks) {
        /** The lookup of a pod that no source was asked about. */
        public static final Lookup NOTHING = new Lookup(Optional.empty(), List.of());

        public Lookup {
            remarks = List.copyOf(remarks);
        }
    }

    /**
     * Looks up a pod whose sandbox the runtime is about to make, or runs already. The sources are asked in their order,
     * each within a time of its own.
     *
     * @param atMost the time for all sources together
     */
    Lookup find(PodSandboxRequest pod, Duration atMost);

    /** Returns the health of each configured source, best first. Blocks for none of them. */
    List<SourceHealth> health();
}
