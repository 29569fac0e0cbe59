package io.podslice.agent.replay;

import io.podslice.proto.v1.Incident;
import io.podslice.proto.v1.Pod;
import io.podslice.proto.v1.StatusResponse;
import java.util.List;
import java.util.Optional;

/** Something that an entry tells, compared with what the entries before it tell. */
public sealed interface Step {

    /** podslice has begun to record. */
    record Started(String version) implements Step {}

    /** podslice has stopped in good order. */
    record Stopped() implements Step {}

    /**
     * Nothing could be recorded.
     *
     * @param since in milliseconds since 1970
     */
    record Gap(long since, String reason) implements Step {}

    /** Something happened that the state does not keep. */
    record Happened(Incident incident) implements Step {}

    /**
     * The node is told to be another; with nothing in it where it is told again.
     *
     * @param before the node without its pods; the default message where nothing was known
     * @param after equal to {@code before} if it did not change
     * @param pods the pods that differ, in order of namespace and name
     */
    record Changed(StatusResponse before, StatusResponse after, List<PodChange> pods) implements Step {
        public Changed {
            pods = List.copyOf(pods);
        }
    }

    /**
     * A change of a pod.
     *
     * @param before empty if it came
     * @param after empty if it went
     */
    record PodChange(PodKey key, Optional<Pod> before, Optional<Pod> after) {}
}
