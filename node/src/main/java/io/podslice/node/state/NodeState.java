package io.podslice.node.state;

import io.podslice.managers.placement.NodePlacements;
import io.podslice.managers.placement.PodPlacement;
import io.podslice.managers.pod.MemoryQos;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** All pods that podslice manages, by uid, with the memory QoS by which their memory is protected. Immutable. */
public final class NodeState {
    /** No pods. */
    public static final NodeState EMPTY = new NodeState(new TreeMap<>(), MemoryQos.OFF);

    private final SortedMap<String, PodState> pods;
    private final MemoryQos memoryQos;

    /** The pods' placements once they were asked for; two threads that ask at a time compute them twice. */
    private volatile @Nullable NodePlacements placements;

    private NodeState(SortedMap<String, PodState> pods, MemoryQos memoryQos) {
        this.pods = pods;
        this.memoryQos = memoryQos;
    }

    /** Returns a state of these pods, whose memory is not protected. */
    public static NodeState of(Collection<PodState> pods) {
        SortedMap<String, PodState> byUid = new TreeMap<>();
        for (PodState pod : pods) {
            byUid.put(pod.uid(), pod);
        }
        return new NodeState(byUid, MemoryQos.OFF);
    }

    /** Returns the pods in order of uid. */
    public Collection<PodState> pods() {
        return Collections.unmodifiableCollection(pods.values());
    }

    /**
     * Returns the memory QoS by which the pods' memory files were written. After a start with other settings it tells
     * which values are podslice's own, to take back.
     */
    public MemoryQos memoryQos() {
        return memoryQos;
    }

    /** Returns this state with another memory QoS. */
    public NodeState withMemoryQos(MemoryQos qos) {
        return new NodeState(pods, qos);
    }

    /** Finds a pod by its uid. */
    public Optional<PodState> pod(String uid) {
        return Optional.ofNullable(pods.get(uid));
    }

    /** Finds the pod of a sandbox by the runtime's id. */
    public Optional<PodState> ofSandbox(String sandboxId) {
        for (PodState pod : pods.values()) {
            if (!sandboxId.isEmpty() && pod.sandboxId().equals(sandboxId)) {
                return Optional.of(pod);
            }
        }
        return Optional.empty();
    }

    /** Finds the pod of a container by the runtime's id. */
    public Optional<PodState> ofContainer(String containerId) {
        for (PodState pod : pods.values()) {
            if (pod.container(containerId).isPresent()) {
                return Optional.of(pod);
            }
        }
        return Optional.empty();
    }

    /** Returns the pods' placements, by uid. */
    public NodePlacements placements() {
        NodePlacements known = placements;
        if (known == null) {
            SortedMap<String, PodPlacement> byUid = new TreeMap<>();
            for (PodState pod : pods.values()) {
                byUid.put(pod.uid(), pod.placement());
            }
            known = new NodePlacements(byUid);
            placements = known;
        }
        return known;
    }

    /** Tells if any pod has CPUs of its own. */
    public boolean anyCpus() {
        for (PodState pod : pods.values()) {
            if (pod.hasCpus()) {
                return true;
            }
        }
        return false;
    }

    /** Returns the state with that pod added, or in place of the one of its uid. */
    public NodeState with(PodState pod) {
        SortedMap<String, PodState> result = new TreeMap<>(pods);
        PodState before = result.put(pod.uid(), pod);
        NodeState after = new NodeState(result, memoryQos);
        if (before != null && before.placement().equals(pod.placement())) {
            after.placements = placements;
        }
        return after;
    }

    /** Returns the state without the pod of that uid. */
    public NodeState without(String uid) {
        if (!pods.containsKey(uid)) {
            return this;
        }
        SortedMap<String, PodState> result = new TreeMap<>(pods);
        result.remove(uid);
        return new NodeState(result, memoryQos);
    }

    @Override
    public boolean equals(Object other) {
        return this == other
                || (other instanceof NodeState state
                        && memoryQos.equals(state.memoryQos)
                        && pods.size() == state.pods.size()
                        && isEqual(pods.values().iterator(), state.pods.values().iterator()));
    }

    /** Compares pods in order of uid, without the lookups of {@link java.util.AbstractMap#equals}. */
    private static boolean isEqual(Iterator<PodState> some, Iterator<PodState> others) {
        while (some.hasNext()) {
            if (!some.next().equals(others.next())) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int hashCode() {
        return 31 * pods.hashCode() + memoryQos.hashCode();
    }
}
