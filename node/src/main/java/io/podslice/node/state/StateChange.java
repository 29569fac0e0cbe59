package io.podslice.node.state;

import java.util.ArrayList;
import java.util.List;

/**
 * What leads from one state to the next.
 *
 * @param put pods that are new or have changed, as they are then
 * @param removed uids of pods that are no more
 */
public record StateChange(List<PodState> put, List<String> removed) {
    public StateChange {
        put = List.copyOf(put);
        removed = List.copyOf(removed);
    }

    /** What leads from that state to this one. */
    public static StateChange between(NodeState before, NodeState after) {
        List<PodState> put = new ArrayList<>();
        for (PodState pod : after.pods()) {
            if (!before.pod(pod.uid()).filter(pod::equals).isPresent()) {
                put.add(pod);
            }
        }
        List<String> removed = new ArrayList<>();
        for (PodState pod : before.pods()) {
            if (after.pod(pod.uid()).isEmpty()) {
                removed.add(pod.uid());
            }
        }
        return new StateChange(put, removed);
    }

    /** Whether nothing changes. */
    public boolean isEmpty() {
        return put.isEmpty() && removed.isEmpty();
    }

    /** The state after the change. */
    public NodeState appliedTo(NodeState before) {
        NodeState after = before;
        for (PodState pod : put) {
            after = after.with(pod);
        }
        for (String uid : removed) {
            after = after.without(uid);
        }
        return after;
    }
}
