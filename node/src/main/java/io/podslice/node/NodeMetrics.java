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
 */
public record NodeMetrics(
        SortedMap<String, Integer> podsByPhase,
        int exclusiveCpus,
        long sharedPoolMillis,
        SortedMap<String, Integer> pendingResizes,
        int resizesInProgress,
        long memoryMinBytes,
        long memoryLowBytes) {
    private static final long MILLIS_OF_A_CPU = 1_000;

    public NodeMetrics {
        podsByPhase = Collections.unmodifiableSortedMap(new TreeMap<>(podsByPhase));
        pendingResizes = Collections.unmodifiableSortedMap(new TreeMap<>(pendingResizes));
    }

    public static NodeMetrics of(NodeView view) {
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
                view.memoryProtection().lowBytes());
    }
}
