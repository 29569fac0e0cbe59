package io.podslice.managers.cpu;

import io.podslice.cgroups.CpuSet;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Who has which CPUs: sets by pod and container, an immutable value. The CPUs that nobody has are no part of it but
 * follow from it, so they cannot contradict it.
 *
 * @param pods by pod uid
 */
public record CpuManagerState(SortedMap<String, Pod> pods) {
    public static final CpuManagerState EMPTY = new CpuManagerState(new TreeMap<>());

    /**
     * One pod's CPUs.
     *
     * @param ofPod what the pod has as a whole; empty where only its containers have CPUs
     * @param containers what each container may use, by name; a slice of its own or the pod shared pool. Those that run
     *     in the node shared pool are absent.
     */
    public record Pod(CpuSet ofPod, SortedMap<String, CpuSet> containers) {
        static final Pod EMPTY = new Pod(CpuSet.empty(), new TreeMap<>());

        public Pod {
            containers = Collections.unmodifiableSortedMap(new TreeMap<>(containers));
        }

        /** All CPUs that are the pod's and no other's. */
        public CpuSet all() {
            CpuSet all = ofPod;
            for (CpuSet cpus : containers.values()) {
                all = all.union(cpus);
            }
            return all;
        }

        Pod withOfPod(CpuSet cpus) {
            return new Pod(cpus, containers);
        }

        Pod with(String container, CpuSet cpus) {
            SortedMap<String, CpuSet> result = new TreeMap<>(containers);
            result.put(container, cpus);
            return new Pod(ofPod, result);
        }

        private Pod without(String container) {
            SortedMap<String, CpuSet> result = new TreeMap<>(containers);
            result.remove(container);
            return new Pod(ofPod, result);
        }
    }

    public CpuManagerState {
        pods = Collections.unmodifiableSortedMap(new TreeMap<>(pods));
    }

    /** What a pod has; nothing where it is not known. */
    public Pod pod(String uid) {
        return pods.getOrDefault(uid, Pod.EMPTY);
    }

    /** What a container may use; empty for one that runs in the node shared pool. */
    public CpuSet cpus(String uid, String container) {
        return pod(uid).containers().getOrDefault(container, CpuSet.empty());
    }

    /** All CPUs that are some pod's own. */
    public CpuSet held() {
        CpuSet held = CpuSet.empty();
        for (Pod pod : pods.values()) {
            held = held.union(pod.all());
        }
        return held;
    }

    /** All CPUs that are some other pod's own. */
    CpuSet heldByOthers(String uid) {
        CpuSet held = CpuSet.empty();
        for (Map.Entry<String, Pod> pod : pods.entrySet()) {
            if (!pod.getKey().equals(uid)) {
                held = held.union(pod.getValue().all());
            }
        }
        return held;
    }

    CpuManagerState with(String uid, Pod pod) {
        SortedMap<String, Pod> result = new TreeMap<>(pods);
        if (pod.equals(Pod.EMPTY)) {
            result.remove(uid);
        } else {
            result.put(uid, pod);
        }
        return new CpuManagerState(result);
    }

    /** Without the pod and all that it had. */
    public CpuManagerState withoutPod(String uid) {
        return with(uid, Pod.EMPTY);
    }

    /** Without a container; what the pod has as a whole goes with its last one. */
    public CpuManagerState withoutContainer(String uid, String container) {
        if (!pod(uid).containers().containsKey(container)) {
            return this;
        }
        Pod left = pod(uid).without(container);
        return with(uid, left.containers().isEmpty() ? Pod.EMPTY : left);
    }
}
