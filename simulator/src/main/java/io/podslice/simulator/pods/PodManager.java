package io.podslice.simulator.pods;

import io.podslice.proto.core.v1.Pod;
import io.podslice.simulator.kubelet.PodManifest;
import io.podslice.simulator.pods.PodEvent.Kind;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * The kubelet's pod manager and status manager: all pods that it has read from its sources, and the changes of their
 * statuses. What the kubelet's own APIs show comes from here. Any thread may call it.
 */
public final class PodManager {
    private final PodMessages messages;
    private final Map<String, PodRecord> pods = new LinkedHashMap<>();
    /** Uids of pods that a restarted kubelet has not read from its sources yet. */
    private final Set<String> unread = new LinkedHashSet<>();

    private boolean synced = true;
    private final List<Consumer<PodEvent>> listeners = new CopyOnWriteArrayList<>();

    public PodManager(PodMessages messages) {
        this.messages = messages;
    }

    /** Adds a pod, before its admission; one that it has already stays as it is. */
    public synchronized void add(PodManifest pod) {
        if (pods.putIfAbsent(pod.uid(), PodRecord.fresh(pod)) == null) {
            tell(Kind.ADDED, pod.uid());
        }
    }

    /** Sets the pod's desired spec; the allocated one stays. */
    public void desire(PodManifest desired) {
        change(desired.uid(), pod -> pod.desiring(desired));
    }

    /** Sets the pod's desired spec without an event, as an event that is lost or late. */
    public synchronized void desireQuietly(PodManifest desired) {
        pods.computeIfPresent(desired.uid(), (uid, pod) -> pod.desiring(desired));
    }

    /** Allocates the pod's desired spec. */
    public void allocate(String uid) {
        change(uid, PodRecord::allocatedAsDesired);
    }

    /** Sets the pod's phase. */
    public void enter(String uid, PodPhase phase, String reason, String message) {
        change(uid, pod -> pod.in(phase, reason, message));
    }

    /** Ends the pod: all of its containers have stopped. The lists still have it until {@link #remove}. */
    public synchronized void end(String uid, PodPhase phase) {
        PodRecord pod = pods.get(uid);
        if (pod != null) {
            PodRecord ended = pod.in(phase, pod.reason(), pod.message());
            pods.put(uid, ended);
            listeners.forEach(listener -> listener.accept(new PodEvent(Kind.DELETED, PodMessages.ended(ended))));
        }
    }

    /** Forgets the pod, as it is gone from the API. */
    public synchronized void remove(String uid) {
        pods.remove(uid);
        unread.remove(uid);
    }

    private synchronized void change(String uid, UnaryOperator<PodRecord> change) {
        PodRecord changed = pods.computeIfPresent(uid, (key, pod) -> change.apply(pod));
        if (changed != null) {
            tell(Kind.MODIFIED, uid);
        }
    }

    private void tell(Kind kind, String uid) {
        PodRecord pod = pods.get(uid);
        if (pod != null && !unread.contains(uid)) {
            PodEvent event = new PodEvent(kind, messages.allocated(pod));
            listeners.forEach(listener -> listener.accept(event));
        }
    }

    /** Forgets what was read of every source, as a kubelet that starts anew; {@link #read} and {@link #readAll} follow. */
    public synchronized void restart() {
        unread.addAll(pods.keySet());
        synced = false;
    }

    /** Reads some of the pods from their sources after a restart. */
    public synchronized void read(Collection<String> uids) {
        for (String uid : uids) {
            if (unread.remove(uid)) {
                tell(Kind.ADDED, uid);
            }
        }
    }

    /** Reads every pod from its source after a restart; from here on every source has been read once. */
    public synchronized void readAll() {
        synced = true;
        read(List.copyOf(unread));
    }

    /** Returns true if every source of pods has been read once since the start. */
    public synchronized boolean isSynced() {
        return synced;
    }

    /** Returns all pods with their desired specs, by uid. */
    public synchronized List<Pod> all() {
        return pods.values().stream()
                .filter(pod -> !unread.contains(pod.desired().uid()))
                .sorted(Comparator.comparing(pod -> pod.desired().uid()))
                .map(messages::desired)
                .toList();
    }

    /** Returns the pod of that uid with its desired spec. */
    public synchronized Optional<Pod> pod(String uid) {
        PodRecord pod = unread.contains(uid) ? null : pods.get(uid);
        return Optional.ofNullable(pod).map(messages::desired);
    }

    /** Returns the record of the pod of that uid, read from its source or not. */
    public synchronized Optional<PodRecord> record(String uid) {
        return Optional.ofNullable(pods.get(uid));
    }

    /** Returns the records of the pods that have not ended. */
    public synchronized List<PodRecord> active() {
        return pods.values().stream()
                .filter(pod -> pod.phase() == PodPhase.PENDING || pod.phase() == PodPhase.RUNNING)
                .filter(pod -> !unread.contains(pod.desired().uid()))
                .toList();
    }

    /**
     * Calls a listener with each change from now on, under the manager's lock; it must not block.
     *
     * @return ends that
     */
    public Runnable listen(Consumer<PodEvent> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }
}
