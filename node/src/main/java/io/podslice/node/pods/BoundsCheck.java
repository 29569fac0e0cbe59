package io.podslice.node.pods;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.placement.NodePlacements;
import io.podslice.managers.placement.PodPlacement;
import io.podslice.managers.pod.MemoryProtection;
import io.podslice.managers.pod.MemoryQos;
import io.podslice.managers.pod.PodAnnotations;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.pod.ResourceList;
import io.podslice.node.Bounds;
import io.podslice.node.PodPhase;
import io.podslice.node.PodSandboxRequest;
import io.podslice.node.Refusal;
import io.podslice.node.RefusedException;
import io.podslice.node.ResizeCondition;
import io.podslice.node.cpuset.PresentMachine;
import io.podslice.node.state.NodeState;
import io.podslice.node.state.PodState;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Holds pods to the administrator's bounds, where they are admitted and where they grow: a pod that has more than a bound
 * allows, since the bound was lowered, may shrink and may stay. Guarded by the brain's lock.
 */
public final class BoundsCheck {
    /** The reason of a pod that is not admitted because of a bound; a resize has Kubernetes' own reasons. */
    private static final String REASON = "BoundExceeded";

    private Bounds bounds;
    private final PresentMachine machine;
    private final MemoryQos qos;

    /** @param qos the memory protection that is in effect */
    public BoundsCheck(Bounds bounds, PresentMachine machine, MemoryQos qos) {
        this.bounds = bounds;
        this.machine = machine;
        this.qos = qos;
    }

    /** Returns the bounds to which pods are held. */
    public Bounds inForce() {
        return bounds;
    }

    /** Holds pods to other bounds from now on; what pods have already is not taken from them. */
    public void become(Bounds other) {
        bounds = other;
    }

    /** The part of the node that a pod has for itself. */
    private record Share(CpuSet cpus, long guardedBytes) {
        static final Share NONE = new Share(CpuSet.empty(), 0);
    }

    /**
     * A bound that a pod would exceed.
     *
     * @param never true if the pod would exceed it on an empty node too
     */
    private record Excess(boolean never, String numbers, String hint, String brief) {}

    /**
     * Holds a new pod to the bounds on annotations.
     *
     * @throws RefusedException if the pod has annotations for podslice and its namespace may not use them, or asks for an
     *     isolated partition and none may
     */
    void annotations(PodSandboxRequest request, PodAsk ask) throws RefusedException {
        namespace(request, ask);
        for (String name : new TreeSet<>(ask.annotations().keySet())) {
            String prefix = PodAnnotations.ISOLATED_PREFIX;
            if (!bounds.isolated()
                    && name.startsWith(prefix)
                    && PodAnnotations.isolated(ask.annotations(), name.substring(prefix.length()))) {
                throw new RefusedException(new Refusal(
                        REASON,
                        Refusal.Kind.PRECONDITION,
                        "annotation \"" + name
                                + "\": no container may ask for an isolated partition; bounds.isolated is" + " false",
                        "without it the container's CPUs are kept for it by a partition whose load is balanced"));
            }
        }
    }

    private void namespace(PodSandboxRequest request, PodAsk ask) throws RefusedException {
        if (ask.annotations().isEmpty()
                || bounds.namespaces().isEmpty()
                || bounds.namespaces().contains(request.namespace())) {
            return;
        }
        throw new RefusedException(new Refusal(
                REASON,
                Refusal.Kind.PRECONDITION,
                "annotation \"" + new TreeSet<>(ask.annotations().keySet()).first() + "\": namespace \""
                        + request.namespace() + "\" may not use annotations of " + PodAnnotations.PREFIX
                        + "; bounds.namespaces is " + new TreeSet<>(bounds.namespaces()),
                "without them the pod runs as on any node"));
    }

    /**
     * Holds a pod that is placed to the bounds on CPUs and memory.
     *
     * @param others all pods but this one
     * @param before the pod's state before; null if it has none
     * @throws RefusedException if it would go beyond a bound, with the bound and both numbers
     */
    void admission(
            NodeState others, PodSandboxRequest request, PodAsk ask, @Nullable PodState before, PodPlacement placement)
            throws RefusedException {
        Share after = new Share(
                placement.cpus(), guarded(ask.statedSpec(), ask.budget().overhead()));
        Optional<Excess> excess = excess(
                others,
                "pod " + request.namespace() + "/" + request.name(),
                request.namespace(),
                before == null ? Share.NONE : share(before),
                after,
                placement);
        if (excess.isPresent()) {
            throw new RefusedException(refusal(REASON, excess.get()));
        }
    }

    /**
     * Holds a pod to the bounds that would have more CPUs once one of its containers is created.
     *
     * @throws RefusedException if it would go beyond a bound, with the bound and both numbers
     */
    void container(NodeState state, PodState before, PodState after) throws RefusedException {
        Optional<Excess> excess = growth(state, before, after);
        if (excess.isPresent()) {
            throw new RefusedException(refusal(REASON, excess.get()));
        }
    }

    /**
     * Holds a resize to the bounds.
     *
     * @throws RefusedException if the pod would go beyond a bound: {@code Deferred} where it may fit once others leave,
     *     else {@code Infeasible}
     */
    public void resize(NodeState state, PodState before, PodState after) throws RefusedException {
        Optional<Excess> excess = growth(state, before, after);
        if (excess.isPresent()) {
            String reason = excess.get().never() ? ResizeCondition.INFEASIBLE : ResizeCondition.DEFERRED;
            throw new RefusedException(refusal(reason, excess.get()));
        }
    }

    private static Refusal refusal(String reason, Excess excess) {
        return new Refusal(
                reason,
                excess.never() ? Refusal.Kind.PRECONDITION : Refusal.Kind.EXHAUSTED,
                excess.numbers(),
                excess.hint(),
                excess.brief());
    }

    private Optional<Excess> growth(NodeState state, PodState before, PodState after) {
        return excess(
                state.without(before.uid()),
                "pod " + after.fullName(),
                after.namespace(),
                share(before),
                share(after),
                after.placement());
    }

    private Share share(PodState pod) {
        return new Share(
                pod.placement().cpus(),
                pod.phase() == PodPhase.STOPPED
                        ? 0
                        : guarded(pod.spec(), pod.budget().overhead()));
    }

    private long guarded(Optional<PodSpec> spec, ResourceList overhead) {
        if (spec.isEmpty() || !qos.tiered()) {
            return 0;
        }
        MemoryProtection guarded = qos.ofPod(spec.get(), overhead);
        return saturated(guarded.minBytes().orElse(0), guarded.lowBytes().orElse(0));
    }

    private static long saturated(long a, long b) {
        long sum = a + b;
        return sum < 0 ? Long.MAX_VALUE : sum;
    }

    private Optional<Excess> excess(
            NodeState others, String pod, String namespace, Share before, Share after, PodPlacement placement) {
        Optional<Excess> found = Optional.empty();
        if (after.cpus().size() > before.cpus().size()) {
            int cpus = after.cpus().size();
            found = ofPod(pod, cpus)
                    .or(() -> ofNamespace(others, pod, namespace, cpus))
                    .or(() -> ofNode(others, pod, cpus))
                    .or(() -> ofPool(others, pod, placement));
        }
        return found.isEmpty() && after.guardedBytes() > before.guardedBytes()
                ? ofMemory(others, pod, after.guardedBytes())
                : found;
    }

    private Optional<Excess> ofPod(String pod, int cpus) {
        if (bounds.exclusiveCpusPerPod().isEmpty()
                || cpus <= bounds.exclusiveCpusPerPod().getAsInt()) {
            return Optional.empty();
        }
        int most = bounds.exclusiveCpusPerPod().getAsInt();
        return Optional.of(new Excess(
                true,
                pod + " would have " + cpus(cpus) + " for itself; bounds.exclusiveCPUsPerPod is " + most,
                fits(most),
                brief(cpus, most)));
    }

    private Optional<Excess> ofNamespace(NodeState others, String pod, String namespace, int cpus) {
        if (bounds.exclusiveCpusPerNamespace().isEmpty()) {
            return Optional.empty();
        }
        int most = bounds.exclusiveCpusPerNamespace().getAsInt();
        int taken = 0;
        for (PodState other : others.pods()) {
            taken += other.namespace().equals(namespace)
                    ? other.placement().cpus().size()
                    : 0;
        }
        return taken + cpus <= most
                ? Optional.empty()
                : Optional.of(new Excess(
                        cpus > most,
                        pod + " asks for " + cpus(cpus) + " for itself, and other pods of namespace \"" + namespace
                                + "\" have " + taken + "; bounds.exclusiveCPUsPerNamespace is " + most,
                        fits(most - taken),
                        brief(cpus, most - taken)));
    }

    private Optional<Excess> ofNode(NodeState others, String pod, int cpus) {
        int online = machine.cpus().size();
        int most = online * bounds.exclusivePercent() / 100;
        int taken = others.placements().held().size();
        return taken + cpus <= most
                ? Optional.empty()
                : Optional.of(new Excess(
                        cpus > most,
                        pod + " asks for " + cpus(cpus) + " for itself, and other pods have " + taken + "; of "
                                + cpus(online) + " bounds.exclusivePercent " + bounds.exclusivePercent() + " allows "
                                + most,
                        fits(most - taken),
                        brief(cpus, most - taken)));
    }

    private Optional<Excess> ofPool(NodeState others, String pod, PodPlacement placement) {
        if (bounds.sharedPoolCpus() == 1) {
            return Optional.empty(); // no placement leaves less
        }
        int without = machine.placer().nodeSharedPool(others.placements()).size();
        CpuSet left = machine.placer().nodeSharedPool(others.placements().with("", placement));
        if (left.size() >= bounds.sharedPoolCpus()) {
            return Optional.empty();
        }
        int ofEmptyNode = machine.placer().nodeSharedPool(NodePlacements.EMPTY).size();
        return Optional.of(new Excess(
                ofEmptyNode - placement.cpus().size() < bounds.sharedPoolCpus(),
                pod + " asks for " + cpus(placement.cpus().size()) + " for itself, which would leave " + left.size()
                        + " (" + left + ") in the node shared pool; bounds.sharedPoolCPUs is "
                        + bounds.sharedPoolCpus(),
                fits(without - bounds.sharedPoolCpus()),
                brief(placement.cpus().size(), without - bounds.sharedPoolCpus())));
    }

    private Optional<Excess> ofMemory(NodeState others, String pod, long bytes) {
        if (bounds.guardedMemoryBytes().isEmpty()) {
            return Optional.empty();
        }
        long most = bounds.guardedMemoryBytes().getAsLong();
        long taken = 0;
        for (PodState other : others.pods()) {
            taken = saturated(taken, share(other).guardedBytes());
        }
        return saturated(taken, bytes) <= most
                ? Optional.empty()
                : Optional.of(new Excess(
                        bytes > most,
                        pod + " asks for " + Quantity.ofBytes(bytes)
                                + " of memory that is protected from reclaim (memory.min, memory.low), and other pods have "
                                + Quantity.ofBytes(taken) + "; bounds.guardedMemory is " + Quantity.ofBytes(most),
                        taken >= most ? "none would fit" : "at most " + Quantity.ofBytes(most - taken) + " would fit",
                        "asked " + Quantity.ofBytes(bytes) + " guarded, the bound leaves "
                                + Quantity.ofBytes(Math.max(0, most - taken)) + ", that would fit"));
    }

    private static String brief(int asked, int left) {
        return "asked " + cpus(asked) + ", the bound leaves " + Math.max(0, left) + ", " + fits(left);
    }

    private static String cpus(int count) {
        return count + (count == 1 ? " CPU" : " CPUs");
    }

    private static String fits(int most) {
        return most <= 0 ? "none would fit" : "at most " + most + " would fit";
    }
}
