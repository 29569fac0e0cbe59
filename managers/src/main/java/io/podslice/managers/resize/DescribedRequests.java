package io.podslice.managers.resize;

import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.pod.ResourceRequirements;

/**
 * Adds to an allocated spec what CRI never carries, from a spec that the cluster describes: memory requests and resize
 * policies. A memory request counts once the memory limit that is described with it is allocated, so that the order in
 * which the kubelet and the source tell of a resize makes no difference. Pure.
 */
public final class DescribedRequests {
    private DescribedRequests() {}

    /**
     * Returns the allocated spec with the described memory requests and resize policies.
     *
     * @param allocated limits and CPU are its own
     * @param described the desired spec; containers that only one of the two has are left alone
     */
    public static PodSpec of(PodSpec allocated, PodSpec described) {
        boolean isAllocated = hasLimitOf(described.resources(), allocated.resources());
        PodSpec result = isAllocated
                ? allocated.withResources(withRequestOf(described.resources(), allocated.resources()))
                : allocated;
        for (ContainerSpec container : allocated.containers()) {
            ContainerSpec its = described.container(container.name()).orElse(null);
            if (its != null && its.kind() == container.kind()) {
                ResourceRequirements own = container.resources();
                boolean counts = hasLimitOf(its.resources(), own) && (isAllocated || !raises(its.resources(), own));
                result = result.with(new ContainerSpec(
                        container.name(),
                        container.kind(),
                        counts ? withRequestOf(its.resources(), own) : own,
                        its.resizePolicy()));
            }
        }
        return result;
    }

    private static boolean hasLimitOf(ResourceRequirements described, ResourceRequirements allocated) {
        return described
                .limits()
                .get(ResourceName.MEMORY)
                .equals(allocated.limits().get(ResourceName.MEMORY));
    }

    private static boolean raises(ResourceRequirements described, ResourceRequirements allocated) {
        return request(described).compareTo(request(allocated)) > 0;
    }

    private static Quantity request(ResourceRequirements resources) {
        return resources.requests().get(ResourceName.MEMORY);
    }

    /** Returns the requirements with the described memory request; one that is not described stays, as none is removed. */
    private static ResourceRequirements withRequestOf(ResourceRequirements described, ResourceRequirements allocated) {
        ResourceList requests = allocated.requests();
        return described.requests().has(ResourceName.MEMORY)
                ? new ResourceRequirements(requests.with(ResourceName.MEMORY, request(described)), allocated.limits())
                : allocated;
    }
}
