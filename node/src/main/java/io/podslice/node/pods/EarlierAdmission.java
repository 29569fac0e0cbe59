package io.podslice.node.pods;

import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.resize.DescribedRequests;
import io.podslice.node.PodPhase;
import io.podslice.node.state.Allocation;
import io.podslice.node.state.Description;
import io.podslice.node.state.PodState;
import java.util.HashMap;
import java.util.Map;

/**
 * A pod's earlier admission beside a new request of it: a call that is tried again, or a new sandbox. Pure.
 *
 * @param pod the pod as the state has it
 * @param ask the new request
 * @param asksSet true if the request asks for CPUs of the pod as a whole
 */
record EarlierAdmission(PodState pod, PodAsk ask, boolean asksSet) {

    /**
     * Tells if the pod keeps its placement. A pod that the cluster has described once stays described while its source is
     * away.
     */
    boolean keepsPlacement() {
        if (!hasKept()) {
            return false;
        }
        if (pod.description().isCluster()) {
            return true;
        }
        return ask.description().isCluster() ? hasContainersOf(ask.spec()) : !ask.inferred() || hasSet() == asksSet;
    }

    /** Tells if the pod keeps its spec and budget too; those of an inferred pod follow CRI. */
    boolean keepsAllocation() {
        return keepsPlacement() && !(ask.inferred() && pod.inferred());
    }

    /** Tells if a source of the cluster describes a pod that podslice knew by inference until now. */
    boolean isDescribedNow() {
        return hasKept()
                && !pod.isFound()
                && pod.spec().isEmpty()
                && ask.description().isCluster();
    }

    /** Tells if the pod still has what it was given, and its annotations choose what they chose then. */
    private boolean hasKept() {
        // A stopped pod has kept its CPUs, unless its cgroup went with its sandbox.
        return (pod.phase() != PodPhase.STOPPED || !pod.madeCgroup())
                && pod.cgroup().equals(ask.cgroup())
                && pod.annotations().equals(ask.annotations());
    }

    private boolean hasSet() {
        return !pod.placement().ofPod().isEmpty();
    }

    private boolean hasContainersOf(PodSpec described) {
        return pod.spec().map(spec -> kinds(spec).equals(kinds(described))).orElse(false);
    }

    private static Map<String, ContainerKind> kinds(PodSpec spec) {
        Map<String, ContainerKind> kinds = new HashMap<>();
        spec.containers().forEach(container -> kinds.put(container.name(), container.kind()));
        return kinds;
    }

    /** Returns the later one of the two descriptions: a source that is away takes nothing back, nor does one that lags. */
    Description description() {
        Description had = pod.description();
        boolean later = !had.isCluster() || ask.description().generation() > had.generation();
        return ask.description().isCluster() && later ? ask.description() : had;
    }

    /** Returns the allocation that the pod keeps, with what a later description alone can tell. */
    Allocation allocation() {
        Description description = description();
        return description.equals(pod.description())
                ? pod.allocation()
                : pod.allocation()
                        .withSpec(pod.spec()
                                .map(spec -> description
                                        .spec()
                                        .map(described -> DescribedRequests.of(spec, described))
                                        .orElse(spec)));
    }
}
