package io.podslice.node;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Figures of the node at one moment.
 *
 * @param podsByPhase number of pods that podslice has a hand in, by phase, e.g. {@code RUNNING}
 * @param exclusiveCpus number of CPUs that containers have for themselves
 * @param sharedPoolMillis what the pods that have no CPUs of their own share, in millicores
 * @param pendingResizes number of resizes that wait, by the reason of their condition, e.g. {@code Deferred}
 * @param resizesInProgress number of resizes that are granted and not finished
 * @param memoryMinBytes memory that is never reclaimed from the pods
 * @param memoryLowBytes memory that is reclaimed from the pods only when there is nothing else
 * @param assignments number of containers by how they have their CPUs: {@link #NODE_EXCLUSIVE}, {@link #POD_EXCLUSIVE}
 *     or {@link #POD_SHARED}
 */
public record NodeMetrics(
        SortedMap<String, Integer> podsByPhase,
        int exclusiveCpus,
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

    public static NodeMetrics of(NodeView view, SortedMap<String, Integer> assignments) {
        SortedMap<String, Integer> phases = new TreeMap<>();
        SortedMap<String, Integer> pending = new TreeMap<>();
        int inProgress = 0;
        for (NodeView.PodView pod : view.pods()) {
            phases.merge(pod.phase(), 1, Integer::sum);
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
                MILLIS_OF_A_CPU * view.nodeSharedPool().size(),
                pending,
                inProgress,
                view.memoryProtection().minBytes(),
                view.memoryProtection().lowBytes(),
                assignments);
    }
}
