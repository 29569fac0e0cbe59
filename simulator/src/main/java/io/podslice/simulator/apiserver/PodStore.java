package io.podslice.simulator.apiserver;

import io.podslice.proto.core.v1.Pod;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * The pods of the API server, with resource versions, and the last changes, from which watches go on. Any thread may
 * call it; {@link #await} waits for the next change.
 */
public final class PodStore {
    private final int keptEvents;
    private final NavigableMap<String, Pod> pods = new TreeMap<>();
    private final Deque<StoredEvent> events = new ArrayDeque<>();
    private long version = 1000;
    /** The newest version whose event is no longer kept. */
    private long compacted = 1000;

    /** @param keptEvents number of changes from which a watch can go on; an older resource version is gone */
    PodStore(int keptEvents) {
        this.keptEvents = keptEvents;
    }

    private static String key(String namespace, String name) {
        return namespace + "/" + name;
    }

    /** Adds a pod, or replaces the one of its name. */
    public synchronized void put(Pod pod) {
        String key = key(pod.getMetadata().getNamespace(), pod.getMetadata().getName());
        Pod old = pods.get(key);
        if (old != null && !old.getMetadata().getUid().equals(pod.getMetadata().getUid())) {
            delete(pod.getMetadata().getNamespace(), pod.getMetadata().getName());
            old = null;
        }
        record(old == null ? "ADDED" : "MODIFIED", key, pod);
    }

    /** Changes a pod, if it is there; its version rises. */
    public synchronized Optional<Pod> change(String namespace, String name, UnaryOperator<Pod> change) {
        String key = key(namespace, name);
        Pod old = pods.get(key);
        return old == null ? Optional.empty() : Optional.of(record("MODIFIED", key, change.apply(old)));
    }

    /** Deletes a pod, if it is there. */
    public synchronized void delete(String namespace, String name) {
        String key = key(namespace, name);
        Pod old = pods.get(key);
        if (old != null) {
            record("DELETED", key, old);
        }
    }

    private Pod record(String type, String key, Pod pod) {
        version++;
        Pod stored = pod.toBuilder()
                .setMetadata(pod.getMetadata().toBuilder().setResourceVersion(Long.toString(version)))
                .build();
        if (type.equals("DELETED")) {
            pods.remove(key);
        } else {
            pods.put(key, stored);
        }
        events.add(new StoredEvent(version, type, stored));
        if (events.size() > keptEvents) {
            compacted = events.remove().version();
        }
        notifyAll();
        return stored;
    }

    /** Forgets every change so far, so that any version before this one is gone for watches. */
    public synchronized void compact() {
        events.clear();
        compacted = version;
    }

    /** Raises the version without a change of a pod, as changes of other objects do. */
    public synchronized void tick() {
        version++;
    }

    /** Returns the pod of that name. */
    public synchronized Optional<Pod> get(String namespace, String name) {
        return Optional.ofNullable(pods.get(key(namespace, name)));
    }

    /** Returns the present version. */
    synchronized long version() {
        return version;
    }

    /** Returns the newest version from which no watch can go on. */
    synchronized long compacted() {
        return compacted;
    }

    /**
     * Returns the pods on a node and in a shard whose keys are above the given one, in the order of their keys.
     *
     * @param node the node's name; empty for all pods
     * @param after the last key of the part before; empty for the first part
     * @param most the most pods
     */
    synchronized List<Pod> list(String node, ShardFilter shard, String after, long most) {
        return pods.tailMap(after, false).values().stream()
                .filter(pod -> isOn(pod, node) && isIn(pod, shard))
                .limit(most)
                .toList();
    }

    static boolean isIn(Pod pod, ShardFilter shard) {
        return shard.matches(pod.getMetadata().getUid(), pod.getMetadata().getNamespace());
    }

    /** A moment of the store: the pods on a node, and the version from which their changes follow. */
    record Snapshot(long version, List<Pod> pods) {}

    synchronized Snapshot snapshot(String node, ShardFilter shard) {
        return new Snapshot(version, list(node, shard, "", Long.MAX_VALUE));
    }

    static String key(Pod pod) {
        return key(pod.getMetadata().getNamespace(), pod.getMetadata().getName());
    }

    private static boolean isOn(Pod pod, String node) {
        return node.isEmpty() || pod.getSpec().getNodeName().equals(node);
    }

    /** Changes on a node after a version, and the version up to which there are no more. */
    record Changes(long upTo, List<StoredEvent> events) {}

    /**
     * Waits for changes on a node after a version.
     *
     * @param atMostMillis the longest wait
     * @return no events if there were none in that time; empty if the version is gone
     */
    synchronized Optional<Changes> await(String node, long after, long atMostMillis) throws InterruptedException {
        long deadline = System.nanoTime() + atMostMillis * 1_000_000;
        long left = atMostMillis;
        while (after >= version && left > 0) {
            wait(left);
            left = (deadline - System.nanoTime()) / 1_000_000;
        }
        if (after < compacted) {
            return Optional.empty();
        }
        List<StoredEvent> newer = new ArrayList<>();
        for (StoredEvent event : events) {
            if (event.version() > after && isOn(event.pod(), node)) {
                newer.add(event);
            }
        }
        return Optional.of(new Changes(version, newer));
    }
}
