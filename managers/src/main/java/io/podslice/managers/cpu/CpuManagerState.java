package io.podslice.managers.cpu;

import io.podslice.cgroups.CpuSet;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The CPUs of all pods: sets by pod and container, an immutable value. The free CPUs are not stored but computed from
 * it, so they cannot contradict it.
 *
 * @param pods by pod uid
 */
public record CpuManagerState(SortedMap<String, Pod> pods) {
    public static final CpuManagerState EMPTY = new CpuManagerState(new TreeMap<>());

    /**
     * One pod's CPUs.
     *
     * @param ofPod the CPU set of the pod as a whole; empty where only its containers have CPUs
     * @param containers the CPUs that each container may use, by name: its exclusive slice or the pod shared pool.
     *     Containers in the node shared pool are absent.
     */
    public record Pod(CpuSet ofPod, SortedMap<String, CpuSet> containers) {
        static final Pod EMPTY = new Pod(CpuSet.empty(), new TreeMap<>());

        public Pod {
            containers = Collections.unmodifiableSortedMap(new TreeMap<>(containers));
        }

        /** All CPUs that belong to this pod exclusively. */
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

    /** Returns a pod's CPUs; empty sets for an unknown pod. */
    public Pod pod(String uid) {
        return pods.getOrDefault(uid, Pod.EMPTY);
    }

    /** Returns the CPUs that a container may use; empty for a container in the node shared pool. */
    public CpuSet cpus(String uid, String container) {
        return pod(uid).containers().getOrDefault(container, CpuSet.empty());
    }

    /** All CPUs that belong exclusively to a pod. */
    public CpuSet held() {
        CpuSet held = CpuSet.empty();
        for (Pod pod : pods.values()) {
            held = held.union(pod.all());
        }
        return held;
    }

    /** All CPUs that belong exclusively to another pod. */
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

    /** Returns this state without the pod and its CPUs. */
    public CpuManagerState withoutPod(String uid) {
        return with(uid, Pod.EMPTY);
    }

    /** Returns this state without a container; the pod's set goes with its last container. */
    public CpuManagerState withoutContainer(String uid, String container) {
        if (!pod(uid).containers().containsKey(container)) {
            return this;
        }
        Pod left = pod(uid).without(container);
        return with(uid, left.containers().isEmpty() ? Pod.EMPTY : left);
    }
}
