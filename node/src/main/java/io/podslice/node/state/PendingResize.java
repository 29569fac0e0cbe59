package io.podslice.node.state;

import io.podslice.managers.pod.PodSpec;
import io.podslice.node.ResizeCondition;
import java.time.Instant;
import java.util.Optional;

/**
 * A resize that a pod was asked for and does not have.
 *
 * @param desired the spec that it was to have; empty where only the pod's budget was named, as CRI does
 * @param budget what its cgroup was to say
 * @param condition why it has not
 * @param priority of who asked: the higher is tried first
 * @param source who asked; what the kubelet asks it asks again by itself
 */
public record PendingResize(
        Optional<PodSpec> desired, PodBudget budget, ResizeCondition condition, int priority, Source source) {

    /** Who asks for resizes. */
    public enum Source {
        /** By way of the runtime: the kubelet, or crictl. */
        CRI,
        /** By way of the node API. */
        NODE_API
    }

    /** The same, waiting since then. */
    public PendingResize since(Instant since) {
        ResizeCondition waits = new ResizeCondition(condition.type(), condition.reason(), condition.message(), since);
        return new PendingResize(desired, budget, waits, priority, source);
    }

    /** Whether podslice tries it again by itself when something frees. */
    public boolean isRetried() {
        return source == Source.NODE_API && condition.reason().equals(ResizeCondition.DEFERRED);
    }
}
