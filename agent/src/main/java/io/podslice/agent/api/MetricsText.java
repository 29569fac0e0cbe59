package io.podslice.agent.api;

import io.podslice.node.NodeMetrics;
import io.podslice.node.PodPhase;
import io.podslice.node.ResizeCondition;
import java.util.List;
import java.util.Locale;

/**
 * The node's figures in Prometheus' text format 0.0.4. A figure that the kubelet has too is named as there, with
 * {@code podslice} in place of {@code kubelet}.
 */
final class MetricsText {
    static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final StringBuilder out = new StringBuilder();

    private MetricsText() {}

    static String of(NodeMetrics node) {
        MetricsText text = new MetricsText();
        text.gauge("podslice_pods", "Pods that podslice has a hand in, by phase.");
        for (PodPhase phase : PodPhase.values()) {
            text.value(
                    "podslice_pods", "phase", phase.name(), node.podsByPhase().getOrDefault(phase.name(), 0));
        }
        text.gauge("podslice_cpu_manager_exclusive_cpu_allocation_count", "CPUs that containers have for themselves.");
        text.value("podslice_cpu_manager_exclusive_cpu_allocation_count", node.exclusiveCpus());
        text.gauge(
                "podslice_cpu_manager_shared_pool_size_millicores",
                "What the pods that have no CPUs of their own share, reserved CPUs among it.");
        text.value("podslice_cpu_manager_shared_pool_size_millicores", node.sharedPoolMillis());
        text.gauge("podslice_pod_pending_resizes", "Resizes that pods do not have, by the reason.");
        for (String reason : List.of(ResizeCondition.DEFERRED, ResizeCondition.INFEASIBLE)) {
            text.value(
                    "podslice_pod_pending_resizes",
                    "reason",
                    reason,
                    node.pendingResizes().getOrDefault(reason, 0));
        }
        text.gauge("podslice_pod_in_progress_resizes", "Resizes that are granted and not finished.");
        text.value("podslice_pod_in_progress_resizes", node.resizesInProgress());
        text.gauge("podslice_memory_qos_node_memory_min_bytes", "Memory that is never reclaimed from the pods.");
        text.value("podslice_memory_qos_node_memory_min_bytes", node.memoryMinBytes());
        text.gauge(
                "podslice_memory_qos_node_memory_low_bytes",
                "Memory that is reclaimed from the pods only when there is nothing else.");
        text.value("podslice_memory_qos_node_memory_low_bytes", node.memoryLowBytes());
        return text.out.toString();
    }

    private void gauge(String name, String help) {
        out.append("# HELP ").append(name).append(' ').append(help).append('\n');
        out.append("# TYPE ").append(name).append(" gauge\n");
    }

    private void value(String name, long value) {
        out.append(name).append(' ').append(value).append('\n');
    }

    private void value(String name, String label, String of, long value) {
        out.append(name)
                .append('{')
                .append(label)
                .append("=\"")
                .append(of.toLowerCase(Locale.ROOT))
                .append("\"} ")
                .append(value)
                .append('\n');
    }
}
