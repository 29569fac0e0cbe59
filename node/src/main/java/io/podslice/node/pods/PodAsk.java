package io.podslice.node.pods;

import io.podslice.cgroups.CgroupPath;
import io.podslice.managers.placement.PodPlacement;
import io.podslice.managers.placement.PodValues;
import io.podslice.managers.pod.PodAnnotations;
import io.podslice.managers.pod.PodSpec;
import io.podslice.node.Refusal;
import io.podslice.node.state.PodBudget;
import java.util.Map;
import java.util.Optional;

/**
 * A pod's request to podslice.
 *
 * @param cgroup its cgroup
 * @param annotations podslice's own annotations, as given; empty if the pod is known by inference alone
 * @param spec its spec; without containers if it is inferred from CRI
 * @param exclusive the annotations about exclusive CPUs, by container
 * @param devices the NUMA nodes of the devices that the annotations align containers with
 * @param budget the desired budget
 * @param excess the refusal of a claim of the annotation above what the kubelet has accounted, which the spec and the
 *     budget here leave out; empty for none
 */
public record PodAsk(
        CgroupPath cgroup,
        Map<String, String> annotations,
        PodSpec spec,
        Map<String, Boolean> exclusive,
        DeviceNodes devices,
        PodBudget budget,
        Optional<Refusal> excess) {
    public PodAsk {
        annotations = Map.copyOf(annotations);
        exclusive = Map.copyOf(exclusive);
    }

    /** Returns the request with another spec and budget. */
    public PodAsk with(PodSpec spec, PodBudget budget) {
        return new PodAsk(cgroup, annotations, spec, exclusive, devices, budget, excess);
    }

    /** Tells if podslice knows the pod by inference alone. */
    public boolean inferred() {
        return annotations.isEmpty();
    }

    /** Returns the spec that the pod's annotation gives; empty if it was inferred from CRI. */
    Optional<PodSpec> statedSpec() {
        return annotations.containsKey(PodAnnotations.POD_SPEC) ? Optional.of(spec) : Optional.empty();
    }

    /** Returns the budget of the placed pod: without a quota where that would throttle exclusive CPUs alone. */
    PodBudget budgetIn(PodPlacement placement) {
        return PodValues.liftsQuota(spec, placement)
                ? budget.withCgroup(budget.cgroup().withoutQuota(), budget.limits(), budget.overhead())
                : budget;
    }
}
