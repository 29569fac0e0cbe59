package io.podslice.node.state;

import io.podslice.node.PodPhase;
import java.time.Instant;

/**
 * The present point of a pod's life.
 *
 * @param phase the phase that it is in
 * @param serial number of its latest admission; two admissions of one pod differ by it
 * @param sandboxId the runtime's id of its sandbox; empty until the runtime has answered
 * @param since the instant at which it came into this phase
 */
public record PodLife(PodPhase phase, long serial, String sandboxId, Instant since) {

    /** Returns the life of the pod after it has come into a phase; its admission stays what it was. */
    public PodLife in(PodPhase phase, String sandboxId, Instant since) {
        return new PodLife(phase, serial, sandboxId, since);
    }
}
