package io.podslice.managers.resize;

import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.pod.ResourceRequirements;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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
        Map<String, ContainerSpec> byName = new HashMap<>();
        described.containers().forEach(container -> byName.put(container.name(), container));
        List<ContainerSpec> containers = new ArrayList<>(allocated.containers().size());
        for (ContainerSpec container : allocated.containers()) {
            ContainerSpec its = byName.get(container.name());
            containers.add(
                    its == null || its.kind() != container.kind() ? container : container(container, its, isAllocated));
        }
        return new PodSpec(
                isAllocated ? withRequestOf(described.resources(), allocated.resources()) : allocated.resources(),
                containers);
    }

    private static ContainerSpec container(ContainerSpec allocated, ContainerSpec described, boolean ofAllocatedPod) {
        ResourceRequirements own = allocated.resources();
        boolean counts =
                hasLimitOf(described.resources(), own) && (ofAllocatedPod || !raises(described.resources(), own));
        return new ContainerSpec(
                allocated.name(),
                allocated.kind(),
                counts ? withRequestOf(described.resources(), own) : own,
                described.resizePolicy());
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
