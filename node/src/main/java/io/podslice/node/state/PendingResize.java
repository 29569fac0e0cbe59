package io.podslice.node.state;

import io.podslice.managers.pod.PodSpec;
import io.podslice.node.ResizeCondition;
import java.time.Instant;
import java.util.Optional;

/**
 * A desired resize of a pod that is not granted.
 *
 * @param desired the desired spec; empty if only the pod's budget is known, as from CRI
 * @param budget the desired budget
 * @param condition the condition that Kubernetes would show for it, with the reason for which it is not granted
 * @param priority the request's priority: the higher is tried first
 * @param source the way it came; the kubelet repeats its own requests by itself
 */
public record PendingResize(
        Optional<PodSpec> desired, PodBudget budget, ResizeCondition condition, int priority, Source source) {

    /** The ways by which requests for resizes come. */
    public enum Source {
        /** The runtime: the kubelet, or crictl. */
        CRI,
        /** The node API. */
        NODE_API
    }

    /** Returns this resize as one that has been waiting since that instant. */
    public PendingResize since(Instant since) {
        ResizeCondition waits = new ResizeCondition(condition.type(), condition.reason(), condition.message(), since);
        return new PendingResize(desired, budget, waits, priority, source);
    }

    /** Tells if podslice tries it again by itself when resources become free. */
    public boolean isRetried() {
        return source == Source.NODE_API && condition.reason().equals(ResizeCondition.DEFERRED);
    }
}
