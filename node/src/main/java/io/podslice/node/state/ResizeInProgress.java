package io.podslice.node.state;

import io.podslice.cgroups.CgroupPath;
import io.podslice.node.ResizeCondition;
import java.util.List;
import java.util.Optional;

/**
 * A resize that is under way: what has to be put right should podslice not live to finish it.
 *
 * @param condition the condition that Kubernetes would show for it
 * @param lowered the cgroups whose memory.high is lowered until the memory in use fits
 * @param untold ids of the containers whose new resources the runtime has still to be told
 */
public record ResizeInProgress(ResizeCondition condition, List<LoweredHigh> lowered, List<String> untold) {

    /**
     * A cgroup that is made to give back memory.
     *
     * @param cgroup the pod's, or that of a container of it
     * @param memoryHigh what its memory.high said before, and says again when the reclaim is over
     * @param loweredBytes what it says meanwhile
     */
    public record LoweredHigh(CgroupPath cgroup, String memoryHigh, long loweredBytes) {}

    public ResizeInProgress {
        lowered = List.copyOf(lowered);
        untold = List.copyOf(untold);
    }

    /** Returns this with the runtime still to be told of these containers; empty if nothing else was left to do. */
    public Optional<ResizeInProgress> withUntold(List<String> left) {
        return lowered.isEmpty() && left.isEmpty()
                ? Optional.empty()
                : Optional.of(new ResizeInProgress(condition, lowered, left));
    }

    /** Returns this with no memory.high lowered any more; empty if nothing else was left to do. */
    public Optional<ResizeInProgress> reclaimed() {
        return untold.isEmpty() ? Optional.empty() : Optional.of(new ResizeInProgress(condition, List.of(), untold));
    }
}
