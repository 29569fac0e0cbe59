package io.podslice.node.pods;

import io.podslice.managers.pod.AccountedResources;
import io.podslice.managers.pod.Cfs;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.CpuUnits;
import io.podslice.managers.pod.EffectiveResources;
import io.podslice.managers.pod.InvalidPodSpecException;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.PodSpecFields;
import io.podslice.managers.pod.PodSpecValidation;
import io.podslice.managers.pod.QosClass;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.pod.ResizePolicy;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.pod.ResourceRequirements;
import io.podslice.managers.resize.AllocatedSpec;
import io.podslice.node.KnownPod;
import io.podslice.node.PodSandboxRequest;
import java.util.List;
import java.util.Optional;

/**
 * Compares a pod as a source of the cluster describes it with the pod that CRI tells of. A source may be wrong, and may
 * be ahead of the kubelet, which has then allocated the spec of an earlier generation: CRI's numbers are those in force.
 * Pure.
 */
final class SpecCheck {
    /** The most containers of a described pod: with these its line in the state file is within the bound of one. */
    static final int MOST_CONTAINERS = 512;

    private SpecCheck() {}

    /** The outcome of a comparison. */
    sealed interface Outcome {
        /** The description is that of the pod. The spec has the totals that CRI carries. */
        record Usable(PodSpec spec) implements Outcome {}

        /** The description is none of the pod as it is. The text says why, for the log. */
        record Unusable(String why) implements Outcome {}
    }

    /**
     * Compares a description with a sandbox.
     *
     * @param known with the part of its spec that podslice goes by
     * @param ofCgroup the QoS class by the pod's cgroup; empty where the cgroup tells none
     */
    static Outcome of(KnownPod known, PodSandboxRequest request, Optional<QosClass> ofCgroup, Cfs cfs) {
        PodSpec spec = known.spec();
        if (!known.uid().equals(request.uid())
                || !known.namespace().equals(request.namespace())
                || !known.name().equals(request.name())) {
            return new Outcome.Unusable("it answers with pod " + known.namespace() + "/" + known.name() + " (uid "
                    + known.uid() + ") when asked for uid " + request.uid());
        }
        Optional<String> fault = fault(spec);
        if (fault.isPresent()) {
            return new Outcome.Unusable("its spec is not valid: " + fault.get());
        }
        QosClass described = QosClass.of(spec);
        if (!described.equals(ofCgroup.orElse(described))) {
            return new Outcome.Unusable("it describes a " + described.text() + " pod, and linux.cgroup_parent \""
                    + request.cgroupParent() + "\" is that of a "
                    + ofCgroup.orElseThrow().text() + " one");
        }
        if (!new AccountedResources(request.resources(), cfs).isKnown()) {
            return new Outcome.Usable(spec);
        }
        PodSpec accounted = AllocatedSpec.withAccounted(spec, request.resources());
        return ahead(accounted, request)
                .<Outcome>map(Outcome.Unusable::new)
                .orElseGet(() -> new Outcome.Usable(accounted));
    }

    /**
     * Returns the reason why a spec cannot be a later generation of another; empty if it can. The API server lets a change
     * of resources make a spec neither invalid nor one of another QoS class.
     */
    static Optional<String> faultOfChange(PodSpec later, PodSpec earlier) {
        QosClass was = QosClass.of(earlier);
        return fault(later)
                .map(fault -> "its spec is not valid: " + fault)
                .or(() -> QosClass.of(later) == was
                        ? Optional.empty()
                        : Optional.of("it makes a " + was.text() + " pod a "
                                + QosClass.of(later).text() + " one"));
    }

    /** Returns a description with the part of its spec that podslice goes by. */
    static KnownPod kept(KnownPod known) {
        return new KnownPod(
                known.source(),
                known.uid(),
                known.namespace(),
                known.name(),
                kept(known.spec()),
                known.priority(),
                known.generation(),
                known.resizePending(),
                known.ended());
    }

    /**
     * Returns a spec without what podslice does not go by: resources such as GPUs, of which the kubelet tells more, and
     * restart policies of init containers that end, which API servers before 1.36 let be and which have no effect.
     */
    static PodSpec kept(PodSpec spec) {
        List<ContainerSpec> containers = spec.containers().stream()
                .map(container -> new ContainerSpec(
                        container.name(),
                        container.kind(),
                        new ResourceRequirements(
                                kept(container.resources().requests()),
                                kept(container.resources().limits())),
                        container.kind() == ContainerKind.INIT ? ResizePolicy.NOT_REQUIRED : container.resizePolicy()))
                .toList();
        return new PodSpec(spec.resources(), containers);
    }

    private static ResourceList kept(ResourceList amounts) {
        ResourceList kept = amounts;
        for (ResourceName name : amounts.names()) {
            kept = name.isPodLevel() ? kept : kept.without(name);
        }
        return kept;
    }

    private static Optional<String> fault(PodSpec spec) {
        if (spec.containers().size() > MOST_CONTAINERS) {
            return Optional.of("it has " + spec.containers().size() + " containers, above " + MOST_CONTAINERS);
        }
        try {
            PodSpecValidation.check(spec, PodSpecFields.inManifest(spec, "spec"));
            return Optional.empty();
        } catch (InvalidPodSpecException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** Returns the reason why a spec cannot be the one that the kubelet has allocated; empty if it can. */
    private static Optional<String> ahead(PodSpec accounted, PodSandboxRequest request) {
        if (accounted.hasPodLevelResources()) {
            return fault(accounted)
                    .map(fault -> "its containers do not fit the pod's totals in linux.resources, which the kubelet has"
                            + " allocated: " + fault);
        }
        long milli =
                EffectiveResources.of(accounted, ResourceList.EMPTY).requests().cpuMillis();
        long shares = request.resources().cpuShares();
        boolean differs = shares > 0 && CpuUnits.sharesOf(milli) != shares;
        return QosClass.of(accounted) == QosClass.GUARANTEED && differs
                ? Optional.of("its containers request " + Quantity.ofMillis(milli)
                        + " CPU, and the kubelet has allocated " + Quantity.ofMillis(CpuUnits.milliOfShares(shares))
                        + " (linux.resources.cpu_shares " + shares + ")")
                : Optional.empty();
    }
}
