package io.podslice.cluster.podsapi;

import io.podslice.managers.pod.PodSpec;
import java.util.HashMap;
import java.util.Map;

/** Keeps one object for all equal specs, as the pods of one Deployment have. Not safe for use by several threads. */
final class EqualSpecs {
    private static final class Shared {
        final PodSpec spec;
        int pods;

        Shared(PodSpec spec) {
            this.spec = spec;
        }
    }

    private final Map<PodSpec, Shared> specs = new HashMap<>();

    /** Returns the object for specs equal to this one, for one pod more. */
    PodSpec take(PodSpec spec) {
        Shared shared = specs.computeIfAbsent(spec, Shared::new);
        shared.pods++;
        return shared.spec;
    }

    /** Forgets one pod of that spec. */
    void release(PodSpec spec) {
        Shared shared = specs.get(spec);
        if (shared != null && --shared.pods == 0) {
            specs.remove(spec);
        }
    }

    /** Returns the number of different specs. */
    int size() {
        return specs.size();
    }
}
