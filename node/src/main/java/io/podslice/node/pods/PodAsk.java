package io.podslice.node.pods;

import io.podslice.cgroups.CgroupPath;
import io.podslice.managers.placement.PodPlacement;
import io.podslice.managers.placement.PodValues;
import io.podslice.managers.pod.PodAnnotations;
import io.podslice.managers.pod.PodSpec;
import io.podslice.node.state.PodBudget;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a pod asks of podslice.
 *
 * @param cgroup its cgroup
 * @param annotations podslice's own annotations, as given; empty if the pod is known by inference alone
 * @param spec its spec; without containers where CRI is all there is to go by
 * @param exclusive what the annotations say about containers' CPUs, by name
 * @param devices what the annotations name to align containers with, by name
 * @param budget what its cgroup shall enforce
 */
public record PodAsk(
        CgroupPath cgroup,
        Map<String, String> annotations,
        PodSpec spec,
        Map<String, Boolean> exclusive,
        Map<String, List<String>> devices,
        PodBudget budget) {
    public PodAsk {
        annotations = Map.copyOf(annotations);
        exclusive = Map.copyOf(exclusive);
        devices = Map.copyOf(devices);
    }

    public boolean inferred() {
        return annotations.isEmpty();
    }

    /** The spec that the pod gives; empty where it was put together from CRI. */
    Optional<PodSpec> statedSpec() {
        return annotations.containsKey(PodAnnotations.POD_SPEC) ? Optional.of(spec) : Optional.empty();
    }

    /** The budget of the pod in its place: without a quota where that would throttle only who has CPUs of its own. */
    PodBudget budgetIn(PodPlacement placement) {
        return PodValues.liftsQuota(spec, placement)
                ? budget.withCgroup(budget.cgroup().withoutQuota(), budget.limits(), budget.overhead())
                : budget;
    }
}
