package io.podslice.managers.pod;

/**
 * The resources of a pod as a whole: its containers' resources combined by the order in which they run, replaced by the
 * pod's own where it names them, plus its overhead (kubelet's PodRequests and PodLimits).
 */
public record EffectiveResources(ResourceList requests, ResourceList limits) {

    /**
     * Computes the effective resources of a pod.
     *
     * @param overhead the pod's overhead; added to limits only where there is one to add to
     */
    public static EffectiveResources of(PodSpec pod, ResourceList overhead) {
        ResourceList requests = replaced(aggregateRequests(pod), pod.resources().requests());
        ResourceList limits = replaced(aggregateLimits(pod), pod.resources().limits());
        ResourceList limitOverhead = ResourceList.EMPTY;
        for (ResourceName name : overhead.names()) {
            if (limits.get(name).signum() > 0) {
                limitOverhead = limitOverhead.with(name, overhead.get(name));
            }
        }
        return new EffectiveResources(requests.plus(overhead), limits.plus(limitOverhead));
    }

    /**
     * Returns the requests of the containers alone: the larger of the sum of those that run together and the need of
     * any init container.
     */
    public static ResourceList aggregateRequests(PodSpec pod) {
        return aggregate(pod, false);
    }

    /** Returns the limits of the containers alone. */
    public static ResourceList aggregateLimits(PodSpec pod) {
        return aggregate(pod, true);
    }

    private static ResourceList aggregate(PodSpec pod, boolean ofLimits) {
        ResourceList running = ResourceList.EMPTY;
        ResourceList sidecars = ResourceList.EMPTY;
        ResourceList starting = ResourceList.EMPTY;
        for (ContainerSpec container : pod.containers()) {
            ResourceList own = ofLimits
                    ? container.resources().limits()
                    : container.resources().requests();
            switch (container.kind()) {
                case APP -> running = running.plus(own);
                case SIDECAR -> {
                    running = running.plus(own);
                    sidecars = sidecars.plus(own);
                    starting = starting.max(sidecars);
                }
                case INIT -> starting = starting.max(sidecars.plus(own));
                case EPHEMERAL -> {
                    // An ephemeral container has no resources of its own.
                }
            }
        }
        return running.max(starting);
    }

    private static ResourceList replaced(ResourceList aggregate, ResourceList podLevel) {
        ResourceList result = aggregate;
        for (ResourceName name : podLevel.names()) {
            if (name.isPodLevel()) {
                result = result.with(name, podLevel.get(name));
            }
        }
        return result;
    }
}
