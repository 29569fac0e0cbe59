package io.podslice.node.state;

import io.podslice.cgroups.CgroupPath;
import io.podslice.node.ResizeCondition;
import java.util.List;
import java.util.Optional;

/**
 * A granted resize with work left, which the next start takes up if podslice dies before the work is done.
 *
 * @param condition the condition that Kubernetes would show for it
 * @param lowered the cgroups whose memory.high is lowered until the memory in use fits
 * @param untold ids of the containers whose new resources must still be sent to the runtime
 */
public record ResizeInProgress(ResizeCondition condition, List<LoweredHigh> lowered, List<String> untold) {

    /**
     * A cgroup whose memory is being reclaimed.
     *
     * @param cgroup the pod's cgroup, or that of one of its containers
     * @param memoryHigh text of its memory.high before the reclaim, which is restored after it
     * @param loweredBytes memory.high in bytes during the reclaim
     */
    public record LoweredHigh(CgroupPath cgroup, String memoryHigh, long loweredBytes) {}

    public ResizeInProgress {
        lowered = List.copyOf(lowered);
        untold = List.copyOf(untold);
    }

    /** Returns this resize with other containers left to tell the runtime; empty if no work is left. */
    public Optional<ResizeInProgress> withUntold(List<String> left) {
        return lowered.isEmpty() && left.isEmpty()
                ? Optional.empty()
                : Optional.of(new ResizeInProgress(condition, lowered, left));
    }

    /** Returns this resize after the end of its reclaim, with no memory.high lowered; empty if no work is left. */
    public Optional<ResizeInProgress> reclaimed() {
        return untold.isEmpty() ? Optional.empty() : Optional.of(new ResizeInProgress(condition, List.of(), untold));
    }
}
