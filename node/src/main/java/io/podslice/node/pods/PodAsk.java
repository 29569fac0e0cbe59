package io.podslice.node.pods;

import io.podslice.cgroups.CgroupPath;
import io.podslice.managers.placement.PodPlacement;
import io.podslice.managers.placement.PodValues;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.ResourceRequirements;
import io.podslice.node.Refusal;
import io.podslice.node.SpecSource;
import io.podslice.node.state.Description;
import io.podslice.node.state.PodBudget;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A pod's request to podslice.
 *
 * @param cgroup its cgroup
 * @param annotations podslice's own annotations, as given; empty where it has none
 * @param description the origin of its spec
 * @param spec its spec; without containers if it is inferred from CRI
 * @param exclusive the annotations about exclusive CPUs, by container
 * @param devices the NUMA nodes of the devices that containers are aligned with
 * @param budget the desired budget
 * @param excess the refusal of a claim of the annotation above what the kubelet has accounted, which the spec and the
 *     budget here leave out; empty for none
 * @param note what the sources said
 */
public record PodAsk(
        CgroupPath cgroup,
        Map<String, String> annotations,
        Description description,
        PodSpec spec,
        Map<String, Boolean> exclusive,
        DeviceNodes devices,
        PodBudget budget,
        Optional<Refusal> excess,
        PodNotes.Note note) {
    public PodAsk {
        annotations = Map.copyOf(annotations);
        exclusive = Map.copyOf(exclusive);
    }

    /** A request of a pod that no source of the cluster has told of. */
    public PodAsk(
            CgroupPath cgroup,
            Map<String, String> annotations,
            PodSpec spec,
            Map<String, Boolean> exclusive,
            DeviceNodes devices,
            PodBudget budget,
            Optional<Refusal> excess) {
        this(
                cgroup,
                annotations,
                Description.ofAnnotations(annotations),
                spec,
                exclusive,
                devices,
                budget,
                excess,
                PodNotes.Note.NONE);
    }

    /** Returns the request with another spec and budget. */
    public PodAsk with(PodSpec spec, PodBudget budget) {
        return new PodAsk(cgroup, annotations, description, spec, exclusive, devices, budget, excess, note);
    }

    /** Returns the request with the devices that the kubelet has assigned, and a note on it. */
    PodAsk with(DeviceNodes devices, PodNotes.Note note) {
        return new PodAsk(cgroup, annotations, description, spec, exclusive, devices, budget, excess, note);
    }

    /** Returns the request of the pod as CRI alone tells of it, for one that asks nothing and of which no more can be kept. */
    PodAsk undescribed() {
        return new PodAsk(
                cgroup,
                annotations,
                Description.CRI,
                new PodSpec(ResourceRequirements.NONE, List.of()),
                Map.of(),
                DeviceNodes.NONE,
                budget,
                Optional.empty(),
                note);
    }

    /** Tells if podslice knows the pod by inference alone: from CRI, without an annotation of its own. */
    public boolean inferred() {
        return annotations.isEmpty() && !description.isCluster();
    }

    /**
     * Tells if the pod asks something of podslice: by an annotation of its own, or by pod-level resources that a source of
     * the cluster describes. A pod that asks nothing is never refused.
     */
    public boolean asks() {
        return !annotations.isEmpty() || (description.isCluster() && spec.hasPodLevelResources());
    }

    /** Returns the spec that the pod is described with; empty if it was inferred from CRI. */
    Optional<PodSpec> statedSpec() {
        return description.source() == SpecSource.CRI ? Optional.empty() : Optional.of(spec);
    }

    /** Returns the budget of the placed pod: without a quota where that would throttle exclusive CPUs alone. */
    PodBudget budgetIn(PodPlacement placement) {
        return PodValues.liftsQuota(spec, placement)
                ? budget.withCgroup(budget.cgroup().withoutQuota(), budget.limits(), budget.overhead())
                : budget;
    }
}
