package io.podslice.node.state;

import io.podslice.managers.placement.NodePlacements;
import io.podslice.managers.placement.PodPlacement;
import java.util.Collection;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Every pod that podslice has a hand in, by uid; immutable. */
public final class NodeState {
    public static final NodeState EMPTY = new NodeState(new TreeMap<>());

    private final SortedMap<String, PodState> pods;

    private NodeState(SortedMap<String, PodState> pods) {
        this.pods = pods;
    }

    public static NodeState of(Collection<PodState> pods) {
        SortedMap<String, PodState> byUid = new TreeMap<>();
        for (PodState pod : pods) {
            byUid.put(pod.uid(), pod);
        }
        return new NodeState(byUid);
    }

    /** In order of uid. */
    public Collection<PodState> pods() {
        return Collections.unmodifiableCollection(pods.values());
    }

    public Optional<PodState> pod(String uid) {
        return Optional.ofNullable(pods.get(uid));
    }

    public Optional<PodState> ofSandbox(String sandboxId) {
        for (PodState pod : pods.values()) {
            if (!sandboxId.isEmpty() && pod.sandboxId().equals(sandboxId)) {
                return Optional.of(pod);
            }
        }
        return Optional.empty();
    }

    public Optional<PodState> ofContainer(String containerId) {
        for (PodState pod : pods.values()) {
            if (pod.container(containerId).isPresent()) {
                return Optional.of(pod);
            }
        }
        return Optional.empty();
    }

    /** What the pods have. */
    public NodePlacements placements() {
        SortedMap<String, PodPlacement> placements = new TreeMap<>();
        for (PodState pod : pods.values()) {
            placements.put(pod.uid(), pod.placement());
        }
        return new NodePlacements(placements);
    }

    /** Whether any pod has CPUs of its own. */
    public boolean anyCpus() {
        for (PodState pod : pods.values()) {
            if (pod.hasCpus()) {
                return true;
            }
        }
        return false;
    }

    public NodeState with(PodState pod) {
        SortedMap<String, PodState> result = new TreeMap<>(pods);
        result.put(pod.uid(), pod);
        return new NodeState(result);
    }

    public NodeState without(String uid) {
        SortedMap<String, PodState> result = new TreeMap<>(pods);
        result.remove(uid);
        return new NodeState(result);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof NodeState state && pods.equals(state.pods);
    }

    @Override
    public int hashCode() {
        return pods.hashCode();
    }
}
