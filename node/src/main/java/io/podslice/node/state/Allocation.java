package io.podslice.node.state;

import io.podslice.managers.placement.PodPlacement;
import io.podslice.managers.pod.EffectiveResources;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.ResourceList;
import java.util.Optional;

/**
 * A pod's allocation: the spec, budget and placement that it was granted at its admission, and since then by resizes.
 *
 * @param spec the allocated spec, with its defaults: first that of the pod's description, then as resizes have
 *     changed it; empty for a pod that nothing describes
 * @param budget the allocated budget, which the pod's cgroup enforces
 * @param placement the CPUs and memory that the pod and its containers were given
 */
public record Allocation(Optional<PodSpec> spec, PodBudget budget, PodPlacement placement) {

    /** Returns the amounts and CPUs in one line, for people. */
    public String summary() {
        String amounts = spec.map(its -> EffectiveResources.of(its, ResourceList.EMPTY))
                .map(has -> "requests " + has.requests() + ", limits " + has.limits())
                .orElse("as CRI asked");
        return placement.hasCpus() ? amounts + ", CPUs " + placement.cpus() : amounts;
    }

    /** Returns the allocation with another spec. */
    public Allocation withSpec(Optional<PodSpec> spec) {
        return new Allocation(spec, budget, placement);
    }

    /** Returns the allocation with another placement. */
    public Allocation withPlacement(PodPlacement placement) {
        return new Allocation(spec, budget, placement);
    }
}
