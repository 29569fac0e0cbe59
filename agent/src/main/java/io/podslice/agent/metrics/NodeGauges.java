package io.podslice.agent.metrics;

import io.podslice.node.NodeMetrics;
import io.podslice.node.PodPhase;
import io.podslice.node.ResizeCondition;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The node's figures, all of one moment, read at each scrape. A figure that the kubelet has too is named as there, with
 * {@code podslice} in place of {@code kubelet}.
 */
final class NodeGauges implements MultiCollector {
    private final Supplier<NodeMetrics> node;

    /** @param node is asked at each scrape; what it throws fails the scrape */
    NodeGauges(Supplier<NodeMetrics> node) {
        this.node = node;
    }

    @Override
    public MetricSnapshots collect() {
        NodeMetrics now = node.get();
        return MetricSnapshots.of(
                labelled(
                        "podslice_pods",
                        "Pods in podslice's state, by phase.",
                        "phase",
                        Arrays.stream(PodPhase.values()).map(PodPhase::name).toList(),
                        now.podsByPhase()),
                gauge(
                        "podslice_cpu_manager_exclusive_cpu_allocation_count",
                        "CPUs that belong to one container each.",
                        now.exclusiveCpus()),
                gauge(
                        "podslice_gone_cpus",
                        "CPUs of pods that are offline, or that a cgroup above the pods forbids.",
                        now.goneCpus()),
                gauge(
                        "podslice_cpu_manager_shared_pool_size_millicores",
                        "Size of the node shared pool, reserved CPUs included.",
                        now.sharedPoolMillis()),
                labelled(
                        "podslice_resource_manager_container_assignments",
                        "Containers now by how they have their CPUs; those in the node shared pool are not counted.",
                        "assignment_type",
                        List.of(NodeMetrics.NODE_EXCLUSIVE, NodeMetrics.POD_EXCLUSIVE, NodeMetrics.POD_SHARED),
                        now.assignments()),
                labelled(
                        "podslice_pod_pending_resizes",
                        "Resizes that pods do not have, by reason.",
                        "reason",
                        List.of(ResizeCondition.DEFERRED, ResizeCondition.INFEASIBLE),
                        now.pendingResizes()),
                gauge(
                        "podslice_pod_in_progress_resizes",
                        "Resizes that are granted and not finished.",
                        now.resizesInProgress()),
                gauge(
                        "podslice_memory_qos_node_memory_min_bytes",
                        "Memory that is never reclaimed from pods.",
                        now.memoryMinBytes()),
                gauge(
                        "podslice_memory_qos_node_memory_low_bytes",
                        "Memory that is reclaimed from pods only when nothing else is left.",
                        now.memoryLowBytes()));
    }

    private static GaugeSnapshot gauge(String name, String help, long value) {
        return GaugeSnapshot.builder()
                .name(name)
                .help(help)
                .dataPoint(
                        GaugeDataPointSnapshot.builder().value((double) value).build())
                .build();
    }

    /** A gauge with one series for each value of its label; what {@code counts} lacks is 0. */
    private static GaugeSnapshot labelled(
            String name, String help, String label, List<String> values, Map<String, Integer> counts) {
        GaugeSnapshot.Builder gauge = GaugeSnapshot.builder().name(name).help(help);
        for (String value : values) {
            gauge.dataPoint(GaugeDataPointSnapshot.builder()
                    .labels(Labels.of(label, value.toLowerCase(Locale.ROOT)))
                    .value(counts.getOrDefault(value, 0))
                    .build());
        }
        return gauge.build();
    }
}
