package io.podslice.cluster.apiserver;

import io.podslice.cluster.pod.PodMetadata;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.node.KnownPod;
import io.podslice.node.PodSandboxRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The pods of one node as the watch has told them, without those that have ended. Bounded, whatever a server sends: a pod
 * beyond the bounds is left out, and found by a lookup. Safe for use by many threads.
 */
final class PodCache {
    /** The most pods; kubelets run some hundred. */
    static final int MOST_PODS = 2000;

    /** The most containers and amounts of all pods together, each of some hundred bytes. */
    static final int MOST_PARTS = 60_000;

    private record Kept(PodMetadata metadata, KnownPod pod, int parts) {}

    /** By the API server's uid: of a static pod that of its mirror. */
    private final Map<String, Kept> pods = new HashMap<>();

    private int parts;

    /**
     * Takes a pod as it is now.
     *
     * @return true if it is new or has changed; of a pod that has ended, only if it was kept until then
     */
    synchronized boolean put(PodMetadata metadata, KnownPod pod) {
        Kept before = pods.get(metadata.uid());
        if (before != null && before.pod.equals(pod)) {
            return false;
        }
        remove(metadata.uid());
        if (pod.ended()) {
            return before != null;
        }
        int itsParts = parts(pod);
        if (pods.size() < MOST_PODS && parts + itsParts <= MOST_PARTS) {
            pods.put(metadata.uid(), new Kept(metadata, pod, itsParts));
            parts += itsParts;
            notifyAll();
        }
        return true;
    }

    /** @param uid the API server's */
    synchronized void remove(String uid) {
        Kept kept = pods.remove(uid);
        if (kept != null) {
            parts -= kept.parts;
        }
    }

    /** @param uid the API server's */
    synchronized boolean has(String uid) {
        return pods.containsKey(uid);
    }

    /** Removes every pod but these, by the API server's uids. */
    synchronized void retain(Set<String> uids) {
        List<String> gone = new ArrayList<>();
        for (String uid : pods.keySet()) {
            if (!uids.contains(uid)) {
                gone.add(uid);
            }
        }
        gone.forEach(this::remove);
    }

    /** Returns a sandbox's pod. */
    synchronized Optional<KnownPod> find(PodSandboxRequest pod) {
        Kept kept = pods.get(pod.uid());
        if (kept != null && MirrorPods.isOf(kept.metadata, pod)) {
            return Optional.of(kept.pod);
        }
        if (MirrorPods.isStatic(pod)) {
            for (Kept each : pods.values()) {
                if (MirrorPods.isOf(each.metadata, pod)) {
                    return Optional.of(each.pod);
                }
            }
        }
        return Optional.empty();
    }

    /** Waits for a sandbox's pod. */
    synchronized Optional<KnownPod> await(PodSandboxRequest pod, Deadline deadline) throws InterruptedException {
        Optional<KnownPod> found = find(pod);
        while (found.isEmpty() && deadline.nanos() > 0) {
            TimeUnit.NANOSECONDS.timedWait(this, deadline.nanos());
            found = find(pod);
        }
        return found;
    }

    /** Returns the pod of that namespace and name if CRI knows it by that uid; a static pod's as its mirror has it. */
    synchronized Optional<KnownPod> atHand(String uid, String namespace, String name) {
        Kept kept = pods.get(uid);
        if (kept != null && kept.metadata.mirrored().isEmpty()) {
            return isNamed(kept, namespace, name) ? Optional.of(kept.pod) : Optional.empty();
        }
        for (Kept each : pods.values()) {
            if (each.metadata.mirrored().filter(uid::equals).isPresent() && isNamed(each, namespace, name)) {
                return Optional.of(each.pod);
            }
        }
        return Optional.empty();
    }

    private static boolean isNamed(Kept kept, String namespace, String name) {
        return kept.metadata.namespace().equals(namespace)
                && kept.metadata.name().equals(name);
    }

    synchronized int size() {
        return pods.size();
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
