package io.podslice.node.state;

import io.podslice.managers.pod.PodSpec;
import io.podslice.node.ResizeCondition;
import java.time.Instant;
import java.util.Optional;

/**
 * A resize that a pod was asked for and does not have.
 *
 * @param desired the desired spec; empty where only the pod's budget was named, as CRI does
 * @param budget the desired budget
 * @param condition the condition that Kubernetes would show for it, with the reason why the pod does not have it
 * @param priority the request's priority: the higher is tried first
 * @param source the way it came; the kubelet repeats its own requests by itself
 */
public record PendingResize(
        Optional<PodSpec> desired, PodBudget budget, ResizeCondition condition, int priority, Source source) {

    /** The ways on which resizes are asked for. */
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
