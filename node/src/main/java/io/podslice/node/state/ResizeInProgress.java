package io.podslice.node.state;

import io.podslice.cgroups.CgroupPath;
import io.podslice.node.ResizeCondition;
import java.util.List;
import java.util.Optional;

/**
 * A resize that is under way: what has to be put right should podslice not live to finish it.
 *
 * @param condition what Kubernetes would say of it
 * @param squeezed the cgroups whose memory.high is lowered until the memory in use fits
 * @param untold ids of the containers whose new resources the runtime has still to be told
 */
public record ResizeInProgress(ResizeCondition condition, List<Squeezed> squeezed, List<String> untold) {

    /**
     * A cgroup that is made to give back memory.
     *
     * @param memoryHigh what its memory.high said before, and says again when it is over
     * @param loweredBytes what it says meanwhile
     */
    public record Squeezed(CgroupPath cgroup, String memoryHigh, long loweredBytes) {}

    public ResizeInProgress {
        squeezed = List.copyOf(squeezed);
        untold = List.copyOf(untold);
    }

    /** With these containers left to be told of; empty if that was all there was to do. */
    public Optional<ResizeInProgress> withUntold(List<String> left) {
        return squeezed.isEmpty() && left.isEmpty()
                ? Optional.empty()
                : Optional.of(new ResizeInProgress(condition, squeezed, left));
    }

    /** With nothing squeezed any more; empty if that was all there was to do. */
    public Optional<ResizeInProgress> released() {
        return untold.isEmpty() ? Optional.empty() : Optional.of(new ResizeInProgress(condition, List.of(), untold));
    }
}
