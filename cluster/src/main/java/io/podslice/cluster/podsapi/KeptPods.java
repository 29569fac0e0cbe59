package io.podslice.cluster.podsapi;

import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.PodSpec;
import io.podslice.node.KnownPod;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The pods that the kubelet has told of, each with its desired spec. Decides what of an event is certain. Safe for use by
 * many threads; does no I/O.
 *
 * <p>The kubelet's list and its answers to GetPod carry the desired spec. Later events carry the allocated one or the
 * desired one, by the part of the kubelet that makes them (pod worker or prober), and nothing in them tells which. An
 * event's spec is therefore never kept: one with a generation that is not known yet is a reason to ask the kubelet for
 * the pod. What an event says of phase and PodResizePending counts, since these are the status of that generation.
 */
final class KeptPods {
    /** The most pods that are kept; kubelets run some hundred. */
    static final int MOST_PODS = 4096;

    /** The most containers and amounts that are kept for all pods together. */
    static final int MOST_PARTS = 200_000;

    /** A kubelet of 1.36 serves after a restart what it has read by then, and lists pods later than it ran them. */
    static final Duration PARTIAL = Duration.ofMinutes(1);

    private static final int MOST_DELETED = 1024;

    /** The consequence of an event. */
    enum Consequence {
        /** Nothing that counts has changed. */
        NONE,
        /** The pod that is kept is new or has changed. */
        TELL,
        /** The kubelet must be asked for the pod. */
        ASK
    }

    /** A pod, and the number of the list that had it last, or after which it was heard of otherwise. */
    private record Kept(KnownPod pod, int list) {}

    private final Duration partial;
    private final Map<String, Kept> pods = new HashMap<>();
    private final EqualSpecs specs = new EqualSpecs();
    private final Set<String> deleted = new LinkedHashSet<>();
    private int parts;
    private int list;

    /** The time at which the present list was complete; null while it is not. */
    private @Nullable Long completeNanos;

    /** True once the pods that the present list lacks have been returned. */
    private boolean doubted;

    KeptPods() {
        this(PARTIAL);
    }

    /** @param partial the time from its end for which a list may lack pods */
    KeptPods(Duration partial) {
        this.partial = partial;
    }

    /** Begins a list, as the kubelet sends it on each new watch. */
    synchronized void beginList() {
        list++;
        completeNanos = null;
    }

    /** Takes a pod of the list. */
    synchronized Consequence listed(KnownPod pod) {
        deleted.remove(pod.uid());
        return put(pod);
    }

    /** All pods of the list have come. */
    synchronized void completeList(long nowNanos) {
        completeNanos = nowNanos;
        doubted = false;
    }

    /** Tells if the list is complete, and so old that it lacks no pod because of the kubelet's start. */
    synchronized boolean isWhole(long nowNanos) {
        return completeNanos != null && nowNanos - completeNanos >= partial.toNanos();
    }

    /**
     * Takes a pod as an event after the list shows it.
     *
     * @param added true for ADDED, false for MODIFIED
     */
    synchronized Consequence changed(KnownPod pod, boolean added) {
        if (added) {
            deleted.remove(pod.uid());
        } else if (deleted.contains(pod.uid())) {
            return Consequence.NONE;
        }
        Kept kept = pods.get(pod.uid());
        if (kept == null) {
            return pod.ended() ? Consequence.NONE : Consequence.ASK;
        }
        if (pod.generation() < kept.pod.generation()) {
            return Consequence.NONE;
        }
        boolean isKnown = pod.generation() == kept.pod.generation()
                && (pod.generation() > 0 || pod.spec().equals(kept.pod.spec()));
        return isKnown ? put(withSpec(pod, kept.pod.spec())) : Consequence.ASK;
    }

    private static KnownPod withSpec(KnownPod pod, PodSpec spec) {
        return new KnownPod(
                pod.source(),
                pod.uid(),
                pod.namespace(),
                pod.name(),
                spec,
                pod.priority(),
                pod.generation(),
                pod.resizePending(),
                pod.ended());
    }

    /** Takes a pod as the kubelet answered when it was asked for it. */
    synchronized Consequence answered(KnownPod pod) {
        return put(pod);
    }

    /** Forgets a pod that has ended; events that come late do not bring it back. */
    synchronized void delete(String uid) {
        forget(uid);
        deleted.add(uid);
        if (deleted.size() > MOST_DELETED) {
            deleted.remove(deleted.iterator().next());
        }
    }

    /** Forgets a pod that the kubelet, when asked, does not have. */
    synchronized void forget(String uid) {
        Kept kept = pods.remove(uid);
        if (kept != null) {
            specs.release(kept.pod.spec());
            parts -= parts(kept.pod);
        }
    }

    /**
     * Returns the pods that the present list lacks, once for each list and as soon as it is old enough to count on: the
     * kubelet must be asked for each before it is forgotten.
     */
    synchronized List<String> doubtful(long nowNanos) {
        List<String> uids = new ArrayList<>();
        if (isWhole(nowNanos) && !doubted) {
            doubted = true;
            pods.forEach((uid, kept) -> {
                if (kept.list != list) {
                    uids.add(uid);
                }
            });
        }
        return uids;
    }

    /** Returns a pod that is kept. */
    synchronized Optional<KnownPod> find(String uid) {
        return Optional.ofNullable(pods.get(uid)).map(Kept::pod);
    }

    /** Returns the number of pods that are kept. */
    synchronized int size() {
        return pods.size();
    }

    /** Returns the number of different specs that are kept. */
    synchronized int differentSpecs() {
        return specs.size();
    }

    private Consequence put(KnownPod pod) {
        Kept before = pods.get(pod.uid());
        if (before != null && (pod.generation() < before.pod.generation() || pod.equals(before.pod))) {
            pods.put(pod.uid(), new Kept(before.pod, list));
            return Consequence.NONE;
        }
        forget(pod.uid());
        if (pods.size() == MOST_PODS || parts + parts(pod) > MOST_PARTS) {
            return Consequence.NONE; // Lookups find it.
        }
        KnownPod shared = withSpec(pod, specs.take(pod.spec()));
        pods.put(pod.uid(), new Kept(shared, list));
        parts += parts(pod);
        return Consequence.TELL;
    }

    private static int parts(KnownPod pod) {
        int parts = 1;
        for (ContainerSpec container : pod.spec().containers()) {
            parts += 1
                    + container.resources().requests().names().size()
                    + container.resources().limits().names().size();
        }
        return parts;
    }
}
