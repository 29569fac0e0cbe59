package io.podslice.agent.fleet;

import io.podslice.cluster.fleet.FleetPod;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
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
            return "-";
        }
        if (request != null && limit != null && request.equals(limit)) {
            return request.toString();
        }
        return (request == null ? "0" : request) + ".." + (limit == null ? "" : limit);
    }
}
