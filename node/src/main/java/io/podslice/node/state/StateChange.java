package io.podslice.node.state;

import io.podslice.managers.pod.MemoryQos;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The difference that leads from one state to the next.
 *
 * @param put pods that are new or have changed
 * @param removed uids of pods that the next state does not have
 * @param memoryQos the settings by which the pods' memory is protected then; empty where they are as before
 */
public record StateChange(List<PodChange> put, List<String> removed, Optional<MemoryQos> memoryQos) {

    /**
     * A pod that is new or has changed.
     *
     * @param before the pod as the state before has it; empty for a new one
     * @param after the pod as the next state has it
     */
    public record PodChange(Optional<PodState> before, PodState after) {}

    public StateChange {
        put = List.copyOf(put);
        removed = List.copyOf(removed);
    }

    /** Returns the change that leads from one state to another. */
    public static StateChange between(NodeState before, NodeState after) {
        List<PodChange> put = new ArrayList<>();
        List<String> removed = new ArrayList<>();
        // Both are in order of uid, and most pods of a large node are the very objects of before.
        Iterator<PodState> known = before.pods().iterator();
        PodState next = next(known);
        for (PodState pod : after.pods()) {
            while (next != null && next.uid().compareTo(pod.uid()) < 0) {
                removed.add(next.uid());
                next = next(known);
            }
            if (next == null || !next.uid().equals(pod.uid())) {
                put.add(new PodChange(Optional.empty(), pod));
                continue;
            }
            if (!next.equals(pod)) {
                put.add(new PodChange(Optional.of(next), pod));
            }
            next = next(known);
        }
        while (next != null) {
            removed.add(next.uid());
            next = next(known);
        }
        return new StateChange(
                put, removed, Optional.of(after.memoryQos()).filter(qos -> !qos.equals(before.memoryQos())));
    }

    private static @Nullable PodState next(Iterator<PodState> pods) {
        return pods.hasNext() ? pods.next() : null;
    }

    /** Tells if nothing changes. */
    public boolean isEmpty() {
        return put.isEmpty() && removed.isEmpty() && memoryQos.isEmpty();
    }

    /** Returns the state after the change. */
    public NodeState appliedTo(NodeState before) {
        NodeState after = memoryQos.map(before::withMemoryQos).orElse(before);
        for (PodChange pod : put) {
            after = after.with(pod.after());
        }
        for (String uid : removed) {
            after = after.without(uid);
        }
        return after;
    }
}
