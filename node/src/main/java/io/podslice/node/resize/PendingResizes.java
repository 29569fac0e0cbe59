package io.podslice.node.resize;

import io.podslice.cgroups.CgroupException;
import io.podslice.managers.pod.EffectiveResources;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.QosClass;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import io.podslice.node.NodeCounter;
import io.podslice.node.NodeIncident;
import io.podslice.node.NodeMeter;
import io.podslice.node.PodPhase;
import io.podslice.node.Refusal;
import io.podslice.node.RefusedException;
import io.podslice.node.ResizeCondition;
import io.podslice.node.StateException;
import io.podslice.node.change.Changes;
import io.podslice.node.state.Allocation;
import io.podslice.node.state.Ledger;
import io.podslice.node.state.PendingResize;
import io.podslice.node.state.PodState;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the desired resizes that are not granted. Those from the node API are tried again when resources become free;
 * the kubelet repeats its own.
 */
public final class PendingResizes {
    private static final Logger log = LoggerFactory.getLogger(PendingResizes.class);

    /**
     * The kubelet's order: resizes that take nothing come first, then those of higher priority, then those of Guaranteed
     * pods, then those that have waited longest.
     */
    private static final Comparator<PodState> ORDER = Comparator.comparing(PendingResizes::increases)
            .thenComparingLong(pod -> -(long) priority(pod))
            .thenComparing(pod -> desired(pod)
                    .map(spec -> QosClass.of(spec) != QosClass.GUARANTEED)
                    .orElse(true))
            .thenComparing(pod -> pending(pod).condition().since())
            .thenComparing(PodState::uid);

    private final Clock clock;
    private final Ledger ledger;
    private final Changes changes;
    private final Resizes resizes;
    private final MemoryReclaims reclaims;
    private final RuntimeNotifications notifications;
    private final NodeMeter meter;

    public PendingResizes(
            Clock clock,
            Ledger ledger,
            Changes changes,
            Resizes resizes,
            MemoryReclaims reclaims,
            RuntimeNotifications notifications,
            NodeMeter meter) {
        this.clock = clock;
        this.ledger = ledger;
        this.changes = changes;
        this.resizes = resizes;
        this.reclaims = reclaims;
        this.notifications = notifications;
        this.meter = meter;
    }

    private static PendingResize pending(PodState pod) {
        return pod.pending().orElseThrow();
    }

    /** Returns the priority that the request names, else that of the pod. */
    private static int priority(PodState pod) {
        int named = pending(pod).priority();
        return named == 0 ? pod.description().priority() : named;
    }

    private static Optional<PodSpec> desired(PodState pod) {
        return pending(pod).desired();
    }

    private static boolean increases(PodState pod) {
        PodSpec from = pod.spec().orElse(null);
        PodSpec to = desired(pod).orElse(null);
        if (from == null || to == null) {
            return true;
        }
        EffectiveResources had = EffectiveResources.of(from, ResourceList.EMPTY);
        EffectiveResources wants = EffectiveResources.of(to, ResourceList.EMPTY);
        for (ResourceName name : List.of(ResourceName.CPU, ResourceName.MEMORY)) {
            if (wants.requests().get(name).compareTo(had.requests().get(name)) > 0
                    || wants.limits().get(name).compareTo(had.limits().get(name)) > 0) {
                return true;
            }
        }
        return false;
    }

    /**
     * Remembers a refused resize. One that is refused again for the same reason keeps the time of its first refusal.
     *
     * @param asked the allocation that was asked for, as far as it is known
     */
    void remember(PodState pod, Allocation asked, int priority, PendingResize.Source source, Refusal refusal) {
        ledger.assertHeld();
        PodState now = ledger.state().pod(pod.uid()).orElse(pod);
        String reason = isInfeasible(refusal) ? ResizeCondition.INFEASIBLE : ResizeCondition.DEFERRED;
        ResizeCondition condition =
                new ResizeCondition(ResizeCondition.Type.PENDING, reason, refusal.message(), clock.instant());
        PendingResize pending = new PendingResize(asked.spec(), asked.budget(), condition, priority, source);
        PendingResize before = now.pending().orElse(null);
        if (before != null
                && before.desired().equals(asked.spec())
                && before.budget().equals(asked.budget())
                && before.condition().reason().equals(reason)) {
            pending = pending.since(before.condition().since());
        } else {
            meter.count(NodeCounter.RESIZES, reason.toLowerCase(Locale.ROOT));
            meter.note(new NodeIncident.Resized(pod.podName(), reason.toLowerCase(Locale.ROOT), refusal.message()));
        }
        PodState remembered = now.with(now.resizing().waitingFor(pending));
        if (!remembered.equals(now)) {
            changes.saveAnyway(ledger.state().with(remembered), "resize of " + pod.fullName());
        }
    }

    static boolean isInfeasible(Refusal refusal) {
        return refusal.reason().equals(ResizeCondition.INFEASIBLE);
    }

    /**
     * Tries the node API's deferred resizes again, and then gives pods the CPUs of their budgets that they lack. Reclaims
     * no memory: the usage falls by itself, or the resize stays pending.
     */
    public void retry() {
        ledger.assertHeld();
        List<PodState> pods = new ArrayList<>();
        for (PodState pod : ledger.state().pods()) {
            boolean retried = pod.pending().map(PendingResize::isRetried).orElse(false);
            boolean runs = pod.phase() != PodPhase.STARTING && pod.phase() != PodPhase.STOPPED;
            if (retried && runs && !pod.isReclaiming()) {
                pods.add(pod);
            }
        }
        pods.sort(ORDER);
        pods.forEach(this::retry);
        for (PodState pod : List.copyOf(ledger.state().pods())) {
            if (pod.phase() == PodPhase.RUNNING && !pod.isReclaiming()) {
                resizes.toWholeSet(pod).ifPresent(whole -> complete(pod, whole));
            }
        }
    }

    /** Gives a pod the CPUs that its budget entitles it to and that were taken until now. */
    private void complete(PodState pod, Allocation whole) {
        try {
            resizes.apply(pod, whole, notifications.after(pod, whole, clock.instant()));
            log.info(
                    "pod {}: has all {} CPUs of its budget now: {}",
                    pod.fullName(),
                    whole.placement().ofPod().size(),
                    whole.placement().ofPod());
        } catch (CgroupException | StateException e) {
            log.error("pod {}: not resized: {}", pod.fullName(), e.getMessage(), e);
        }
    }

    private void retry(PodState pod) {
        PendingResize pending = pending(pod);
        PodSpec desired = pending.desired().orElseThrow();
        try {
            Allocation allocation = resizes.toSpec(pod, desired);
            Refusal unfit = reclaims.unfit(pod, allocation);
            List<String> restarts = ResizePlan.restarts(pod, desired);
            if (unfit != null) {
                throw new RefusedException(unfit);
            }
            if (!restarts.isEmpty()) {
                throw new RefusedException(new Refusal(
                        ResizeCondition.DEFERRED,
                        Refusal.Kind.PRECONDITION,
                        "containers " + String.join(", ", restarts) + " must be restarted for it"));
            }
            resizes.apply(pod, allocation, notifications.after(pod, allocation, clock.instant()));
            log.info(
                    "pod {}: pending resize granted; it had been deferred: {}",
                    pod.fullName(),
                    pending.condition().message());
        } catch (RefusedException e) {
            remember(
                    pod,
                    new Allocation(pending.desired(), pending.budget(), pod.placement()),
                    pending.priority(),
                    pending.source(),
                    e.refusal());
        } catch (CgroupException | StateException e) {
            log.error("pod {}: not resized: {}", pod.fullName(), e.getMessage(), e);
        }
    }
}
