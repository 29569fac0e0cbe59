package io.podslice.managers.pod;

import java.util.ArrayList;
import java.util.List;

/** The defaults that the API server adds to a pod spec. */
public final class PodSpecDefaults {
    private PodSpecDefaults() {}

    /** Returns the pod with its defaults; a pod that has them already is unchanged. */
    public static PodSpec apply(PodSpec pod) {
        List<ContainerSpec> containers = new ArrayList<>(pod.containers().size());
        for (ContainerSpec container : pod.containers()) {
            ResourceRequirements own = container.resources();
            ResourceList requests = filledUp(own.requests(), own.limits());
            containers.add(container.withResources(new ResourceRequirements(requests, own.limits())));
        }
        PodSpec withContainers = new PodSpec(pod.resources(), containers);
        return pod.hasPodLevelResources() ? new PodSpec(podLevel(withContainers), containers) : withContainers;
    }

    private static ResourceRequirements podLevel(PodSpec pod) {
        ResourceList requests = pod.resources().requests();
        ResourceList limits = pod.resources().limits();
        ResourceList containerLimits = EffectiveResources.aggregateLimits(pod);
        for (ResourceName name : containerLimits.names()) {
            if (name.isHugepages() && !requests.has(name) && !limits.has(name)) {
                limits = limits.with(name, containerLimits.get(name));
            }
        }
        if (limits.isEmpty()) {
            return new ResourceRequirements(requests, limits);
        }
        ResourceList containerRequests = EffectiveResources.aggregateRequests(pod);
        for (ResourceName name : containerRequests.names()) {
            boolean overcommittable = name.equals(ResourceName.CPU) || name.equals(ResourceName.MEMORY);
            if (overcommittable && !requests.has(name)) {
                requests = requests.with(name, containerRequests.get(name));
            }
        }
        return new ResourceRequirements(filledUp(requests, limits), limits);
    }

    private static ResourceList filledUp(ResourceList requests, ResourceList limits) {
        ResourceList result = requests;
        for (ResourceName name : limits.names()) {
            if (!result.has(name)) {
                result = result.with(name, limits.get(name));
            }
        }
        return result;
    }
}
