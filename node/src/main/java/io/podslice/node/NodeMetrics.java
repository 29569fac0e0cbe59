package io.podslice.node;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Figures of the node at one moment.
 *
 * @param podsByPhase number of pods that podslice manages, by phase, e.g. {@code RUNNING}
 * @param exclusiveCpus number of CPUs that are exclusive to one container
 * @param goneCpus number of the CPUs of pods that pods cannot use at the moment, for they are offline or forbidden
 * @param sharedPoolMillis size of the node shared pool in millicores
 * @param pendingResizes number of pending resizes, by the reason of their condition, e.g. {@code Deferred}
 * @param resizesInProgress number of resizes that are granted and not finished
 * @param memoryMinBytes sum of the pods' memory.min in bytes: memory that the kernel never reclaims from them
 * @param memoryLowBytes sum of the pods' memory.low in bytes: memory that the kernel reclaims from them only when
 *     nothing else is left to reclaim
 * @param assignments number of containers by how they have their CPUs: {@link #NODE_EXCLUSIVE}, {@link #POD_EXCLUSIVE}
 *     or {@link #POD_SHARED}
 */
public record NodeMetrics(
        SortedMap<String, Integer> podsByPhase,
        int exclusiveCpus,
        int goneCpus,
        long sharedPoolMillis,
        SortedMap<String, Integer> pendingResizes,
        int resizesInProgress,
        long memoryMinBytes,
        long memoryLowBytes,
        SortedMap<String, Integer> assignments) {

    /** A container whose exclusive CPUs come from the node. */
    public static final String NODE_EXCLUSIVE = "node_exclusive";

    /** A container whose exclusive CPUs are part of its pod's CPU set. */
    public static final String POD_EXCLUSIVE = "pod_exclusive";

    /** A container in its pod's shared pool. */
    public static final String POD_SHARED = "pod_shared";

    private static final long MILLIS_OF_A_CPU = 1_000;

    public NodeMetrics {
        podsByPhase = Collections.unmodifiableSortedMap(new TreeMap<>(podsByPhase));
        pendingResizes = Collections.unmodifiableSortedMap(new TreeMap<>(pendingResizes));
        assignments = Collections.unmodifiableSortedMap(new TreeMap<>(assignments));
    }

    /** Returns the figures of a view. */
    public static NodeMetrics of(NodeView view, SortedMap<String, Integer> assignments) {
        SortedMap<String, Integer> phases = new TreeMap<>();
        SortedMap<String, Integer> pending = new TreeMap<>();
        int inProgress = 0;
        int gone = 0;
        for (NodeView.PodView pod : view.pods()) {
            phases.merge(pod.phase(), 1, Integer::sum);
            gone += pod.gone().size();
            for (ResizeCondition condition : pod.conditions()) {
                switch (condition.type()) {
                    case PENDING -> pending.merge(condition.reason(), 1, Integer::sum);
                    case IN_PROGRESS -> inProgress++;
                }
            }
        }
        return new NodeMetrics(
                phases,
                view.exclusiveCpus().size(),
                gone,
                MILLIS_OF_A_CPU * view.nodeSharedPool().size(),
                pending,
                inProgress,
                view.memoryProtection().minBytes(),
                view.memoryProtection().lowBytes(),
                assignments);
    }
}
