package io.podslice.agent.fleet;

import io.podslice.cluster.fleet.FleetPod;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The part of a pod that a list shows.
 *
 * @param namespace Kubernetes namespace
 * @param name pod name
 * @param uid pod UID
 * @param node its node; empty while it waits for one
 * @param phase its phase
 * @param cpu its CPU request and limit as a whole, such as {@code 4} or {@code 2..4}; {@code -} without either
 * @param memory its memory, likewise
 * @param hasBudget true if these are the pod's own
 * @param exclusive the CPUs that it asks for exclusively
 * @param resize the state of its resize; empty for none
 * @param problem the reason for which its spec cannot be read; empty where it can
 */
record PodRow(
        String namespace,
        String name,
        String uid,
        String node,
        String phase,
        String cpu,
        String memory,
        boolean hasBudget,
        int exclusive,
        String resize,
        String problem) {
    private static final String NONE = "-";

    /**
     * Returns the row of a pod.
     *
     * @param all true for every pod, false for those that have not ended and are podslice's concern
     * @return empty if it is not shown
     */
    static Optional<PodRow> shown(FleetPod pod, boolean all) {
        PodUse use = PodUse.of(pod.spec());
        return all || (!pod.hasEnded() && use.concerns(pod)) ? Optional.of(of(pod, use)) : Optional.empty();
    }

    static PodRow of(FleetPod pod, PodUse use) {
        return new PodRow(
                pod.namespace(),
                pod.name(),
                pod.uid(),
                pod.node(),
                pod.phase(),
                span(ResourceName.CPU, use.requests(), use.limits()),
                span(ResourceName.MEMORY, use.requests(), use.limits()),
                use.hasBudget(),
                use.exclusive(),
                pod.resize(),
                pod.problem());
    }

    private static String span(ResourceName name, ResourceList requests, ResourceList limits) {
        @Nullable Quantity request = requests.find(name);
        @Nullable Quantity limit = limits.find(name);
        if (request == null && limit == null) {
            return NONE;
        }
        if (request != null && limit != null && request.equals(limit)) {
            return request.toString();
        }
        return (request == null ? "0" : request) + ".." + (limit == null ? "" : limit);
    }

    /** Returns the names of the columns of a table. */
    static List<String> columns() {
        return List.of("NAMESPACE", "POD", "NODE", "PHASE", "CPU", "MEMORY", "BUDGET", "EXCLUSIVE", "RESIZE", "");
    }

    /** Returns the cells of a table's row. */
    List<String> cells() {
        return List.of(
                namespace,
                name,
                orNone(node),
                orNone(phase),
                cpu,
                memory,
                hasBudget ? "pod" : "containers",
                exclusive == 0 ? NONE : Integer.toString(exclusive),
                orNone(resize),
                problem);
    }

    private static String orNone(String text) {
        return text.isEmpty() ? NONE : text;
    }

    /** Returns the members of a JSON object. */
    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("namespace", namespace);
        json.put("name", name);
        json.put("uid", uid);
        json.put("node", node);
        json.put("phase", phase);
        json.put("cpu", cpu);
        json.put("memory", memory);
        json.put("hasBudget", hasBudget);
        json.put("exclusiveCpus", exclusive);
        json.put("resize", resize);
        if (!problem.isEmpty()) {
            json.put("problem", problem);
        }
        return json;
    }
}
