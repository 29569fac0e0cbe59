package io.podslice.node.pods;

import io.podslice.cgroups.CgroupException;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.resize.AllocatedSpec;
import io.podslice.managers.resize.DescribedRequests;
import io.podslice.node.KnownPod;
import io.podslice.node.PodPhase;
import io.podslice.node.RefusedException;
import io.podslice.node.StateException;
import io.podslice.node.change.Changes;
import io.podslice.node.state.Allocation;
import io.podslice.node.state.Description;
import io.podslice.node.state.Ledger;
import io.podslice.node.state.PodBudget;
import io.podslice.node.state.PodState;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Descriptions by the cluster's sources of pods that have their place already: a change of a described pod, and the first
 * description of a pod that was known by inference. Neither takes anything from a pod that runs.
 */
public final class LaterDescriptions {
    private static final Logger log = LoggerFactory.getLogger(LaterDescriptions.class);

    private final Ledger ledger;
    private final Placements placements;
    private final BoundsCheck bounds;
    private final PodNotes notes;
    private final Changes changes;

    public LaterDescriptions(
            Ledger ledger, Placements placements, BoundsCheck bounds, PodNotes notes, Changes changes) {
        this.ledger = ledger;
        this.placements = placements;
        this.bounds = bounds;
        this.notes = notes;
        this.changes = changes;
    }

    /**
     * Takes note of a pod that a source tells of, and tells if that is something new of a pod of the state. Needs no lock:
     * most of what a watch tells is not.
     */
    public boolean concerns(KnownPod known) {
        PodState pod = described(known).orElse(null);
        if (pod != null) {
            notes.pending(known);
        }
        return pod != null && isLater(pod, known);
    }

    /** Finds a pod of the state that the cluster describes. */
    private Optional<PodState> described(KnownPod known) {
        return ledger.state()
                .pod(known.uid())
                .filter(pod -> pod.description().isCluster()
                        && pod.name().equals(known.name())
                        && pod.namespace().equals(known.namespace()));
    }

    private static boolean isLater(PodState pod, KnownPod known) {
        return known.generation() > pod.description().generation()
                && !known.resizePending()
                && !known.ended()
                && pod.phase() != PodPhase.STOPPED;
    }

    /**
     * Takes note of a later generation of a pod's spec: its memory requests and resize policies, which CRI never carries,
     * become the allocated ones. Limits and CPU stay those that CRI has named.
     */
    public void changed(KnownPod told) {
        ledger.assertHeld();
        KnownPod known = SpecCheck.kept(told);
        PodState pod = described(known).filter(its -> isLater(its, known)).orElse(null);
        PodSpec allocated = pod == null ? null : pod.spec().orElse(null);
        if (pod == null || allocated == null) {
            return;
        }
        Optional<String> fault =
                SpecCheck.faultOfChange(known.spec(), pod.description().spec().orElse(allocated));
        if (fault.isPresent()) {
            log.warn(
                    "pod {}: a change is not used: {}: {}",
                    pod.fullName(),
                    known.source().text(),
                    fault.get());
            changes.saveAnyway(ledger.state().with(pod.with(seen(pod.description(), known))), occasion(pod));
            return;
        }
        PodSpec spec = DescribedRequests.of(allocated, known.spec());
        PodState next = pod.resized(pod.allocation().withSpec(Optional.of(spec)), pod.resizing())
                .with(Description.of(known));
        try {
            bounds.resize(ledger.state(), pod, next);
        } catch (RefusedException e) {
            log.info(
                    "pod {}: keeps its memory requests: {}",
                    pod.fullName(),
                    e.refusal().text());
            next = pod.with(seen(pod.description(), known));
        }
        if (next.spec().equals(pod.spec())) {
            changes.saveAnyway(ledger.state().with(next), occasion(pod));
        } else {
            changes.enforceAnyway(ledger.state().with(next), occasion(pod));
        }
    }

    /** Returns the description with the generation of a change that is not used, so that it is looked at once. */
    private static Description seen(Description description, KnownPod known) {
        return new Description(description.source(), description.priority(), known.generation(), description.spec());
    }

    private static String occasion(PodState pod) {
        return "description of " + pod.fullName();
    }

    /**
     * Describes a pod that runs and was known by inference: it keeps the CPUs that it has, and containers that do not run
     * yet get slices by its spec.
     *
     * @return the pod, as it was if the description cannot be used
     */
    public PodState firstOf(PodState pod, PodAsk ask) {
        ledger.assertHeld();
        if (!ask.description().isCluster()
                || !pod.cgroup().equals(ask.cgroup())
                || !pod.annotations().equals(ask.annotations())) {
            return pod;
        }
        PodBudget had = pod.budget();
        PodSpec spec = ask.spec().hasPodLevelResources()
                ? AllocatedSpec.withPodLimits(ask.spec(), had.limits(), ask.spec())
                : ask.spec();
        PodBudget budget = had.withCgroup(had.cgroup(), spec.resources().limits(), had.overhead());
        PodState next = pod.with(ask.description())
                .resized(
                        new Allocation(Optional.of(spec), budget, placements.complete(pod, ask.with(spec, budget))),
                        pod.resizing());
        try {
            bounds.resize(ledger.state(), pod, next);
            changes.enforceOrThrow(ledger.state().with(next), occasion(pod));
        } catch (RefusedException e) {
            log.info(
                    "pod {}: stays known by inference: {}",
                    pod.fullName(),
                    e.refusal().text());
            return pod;
        } catch (CgroupException | StateException e) {
            log.error("pod {}: stays known by inference: {}", pod.fullName(), e.getMessage(), e);
            return pod;
        }
        log.info(
                "pod {}: described by {} from now on; it was known by inference",
                pod.fullName(),
                ask.description().source().text());
        return next;
    }
}
