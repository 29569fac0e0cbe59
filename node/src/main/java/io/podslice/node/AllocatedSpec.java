package io.podslice.node;

import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.pod.ResourceRequirements;

/** What a pod's spec becomes by what CRI tells of it, which is less than a spec. Pure. */
final class AllocatedSpec {
    private AllocatedSpec() {}

    /**
     * The spec with these limits of the pod as a whole. CRI tells no request of memory, and the request of CPU in a step
     * of its own: one that was the limit is the limit still, for a pod's class never changes; another is at most that.
     */
    static PodSpec withPodLimits(PodSpec spec, ResourceList limits) {
        return spec.withResources(withLimits(spec.resources(), limits));
    }

    private static ResourceRequirements withLimits(ResourceRequirements had, ResourceList limits) {
        ResourceList requests = had.requests();
        ResourceList result = had.limits();
        for (ResourceName name : limits.names()) {
            Quantity limit = limits.get(name);
            Quantity request = requests.find(name);
            if (request != null && (request.equals(had.limits().get(name)) || request.compareTo(limit) > 0)) {
                requests = requests.with(name, limit);
            }
            result = result.with(name, limit);
        }
        return new ResourceRequirements(requests, result);
    }
}
