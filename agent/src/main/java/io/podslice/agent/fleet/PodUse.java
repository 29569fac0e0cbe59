package io.podslice.agent.fleet;

import io.podslice.cluster.fleet.FleetPod;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.EffectiveResources;
import io.podslice.managers.pod.ExclusiveCpus;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.ResourceList;

/**
 * The resources that a pod's spec asks for, by the rules of the CPU manager. An annotation that gives a container exclusive
 * CPUs, or takes them from it, is not looked at.
 *
 * @param requests of the pod as a whole
 * @param limits of the pod as a whole
 * @param hasBudget true if the pod has resources of its own, {@code spec.resources}
 * @param exclusive the CPUs that belong to the pod: its whole budget, or the sum of its containers' that run together
 */
record PodUse(ResourceList requests, ResourceList limits, boolean hasBudget, int exclusive) {

    static PodUse of(PodSpec spec) {
        EffectiveResources resources = EffectiveResources.of(spec, ResourceList.EMPTY);
        int exclusive = ExclusiveCpus.ofPod(spec);
        return new PodUse(
                resources.requests(),
                resources.limits(),
                spec.hasPodLevelResources(),
                exclusive > 0 ? exclusive : ofContainers(spec));
    }

    private static int ofContainers(PodSpec spec) {
        long sum = 0;
        for (ContainerSpec container : spec.containers()) {
            if (container.kind() == ContainerKind.APP || container.kind() == ContainerKind.SIDECAR) {
                sum += ExclusiveCpus.of(spec, container, null);
            }
        }
        return (int) Math.min(sum, Integer.MAX_VALUE);
    }

    /** Tells if a pod is podslice's concern: it has a budget, an annotation of podslice's, or exclusive CPUs. */
    boolean concerns(FleetPod pod) {
        return hasBudget || pod.isAnnotated() || exclusive > 0;
    }
}
