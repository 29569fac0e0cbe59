package io.podslice.node.resize;

import io.podslice.cgroups.CgroupException;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.Completion;
import io.podslice.node.Door;
import io.podslice.node.Refusal;
import io.podslice.node.RefusedException;
import io.podslice.node.StateException;
import io.podslice.node.Verdict;
import io.podslice.node.change.Changes;
import io.podslice.node.pods.Containers;
import io.podslice.node.resize.CreatedContainers.Loss;
import io.podslice.node.resize.MemoryReclaims.Reclaiming;
import io.podslice.node.state.Allocation;
import io.podslice.node.state.ContainerState;
import io.podslice.node.state.Guard;
import io.podslice.node.state.Ledger;
import io.podslice.node.state.PendingResize;
import io.podslice.node.state.PodState;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Resizes that come by way of the runtime. Each call is one step of the kubelet's: the pod's limit or request, or a
 * container's. A step that does not fit is refused; the kubelet then asks again by itself. Takes the brain's lock, but not
 * while memory is reclaimed.
 */
public final class CriResizes {
    private static final Logger log = LoggerFactory.getLogger(CriResizes.class);

    private final Guard guard;
    private final Ledger ledger;
    private final Changes changes;
    private final Containers containers;
    private final CreatedContainers created;
    private final Resizes resizes;
    private final MemoryReclaims reclaims;
    private final MemoryReclaim reclaim;
    private final PendingResizes pendingResizes;

    public CriResizes(
            Guard guard,
            Ledger ledger,
            Changes changes,
            Containers containers,
            CreatedContainers created,
            Resizes resizes,
            MemoryReclaims reclaims,
            MemoryReclaim reclaim,
            PendingResizes pendingResizes) {
        this.guard = guard;
        this.ledger = ledger;
        this.changes = changes;
        this.containers = containers;
        this.created = created;
        this.resizes = resizes;
        this.reclaims = reclaims;
        this.reclaim = reclaim;
        this.pendingResizes = pendingResizes;
    }

    /** Computes what a pod would be allocated. */
    interface Step {
        Allocation of(PodState pod) throws RefusedException;
    }

    /** Decides on other resources for a pod as a whole; they are applied once the runtime has agreed. */
    public Verdict updatePod(String sandboxId, LinuxResources overhead, LinuxResources sent, Door door) {
        Step step = pod -> resizes.toBudget(pod, overhead, sent);
        Reclaiming reclaiming =
                reclaimed(() -> ledger.state().ofSandbox(sandboxId).orElse(null), step);
        return ended(reclaiming, () -> {
            PodState pod = ledger.state().ofSandbox(sandboxId).orElse(null);
            if (pod == null) {
                return new Verdict.Proceed(null, Completion.NONE);
            }
            try {
                decided(pod, step, reclaiming);
            } catch (RefusedException e) {
                return refused(pod, resizes.asked(pod, overhead, sent), e.refusal());
            }
            return new Verdict.Proceed(null, new PodCompletion(sandboxId, overhead, sent, door, reclaiming));
        });
    }

    private final class PodCompletion implements Completion {
        private final String sandboxId;
        private final LinuxResources overhead;
        private final LinuxResources sent;
        private final Door door;
        private final @Nullable Reclaiming reclaiming;

        PodCompletion(
                String sandboxId,
                LinuxResources overhead,
                LinuxResources sent,
                Door door,
                @Nullable Reclaiming reclaiming) {
            this.sandboxId = sandboxId;
            this.overhead = overhead;
            this.sent = sent;
            this.door = door;
            this.reclaiming = reclaiming;
        }

        @Override
        public void succeeded(String id) throws RefusedException {
            Step step = now -> resizes.toBudget(now, overhead, sent);
            Lookup lookup = () -> ledger.state().ofSandbox(sandboxId).orElse(null);
            List<Loss> told = List.of();
            boolean done = false;
            try {
                told = created.told(lookup, step, "", door);
                guard.orRefuse(() -> {
                    PodState pod = lookup.pod();
                    if (pod != null) {
                        apply(pod, step);
                    }
                });
                done = true;
            } finally {
                if (!done) {
                    created.tellAgain(told);
                }
                end(reclaiming);
            }
            guard.quietly("retry resizes", pendingResizes::retry);
        }

        private void apply(PodState pod, Step step) throws RefusedException {
            try {
                Allocation allocation = decided(pod, step, reclaiming);
                resizes.apply(
                        pod,
                        allocation,
                        created.untold(pod, allocation, pod.resizing().settled(), door));
            } catch (RefusedException e) {
                refused(pod, resizes.asked(pod, overhead, sent), e.refusal());
                throw e;
            } catch (CgroupException | StateException e) {
                if (pod.asks() || pod.hasCpus()) {
                    throw e;
                }
                log.error("pod {}: not resized: {}", pod.fullName(), e.getMessage(), e);
            }
        }

        @Override
        public void failed() {
            end(reclaiming);
        }
    }

    /**
     * Decides on other resources for a container. Its exclusive CPUs are given before the runtime sees the update, and
     * before that taken from others; its limits are the runtime's to write.
     */
    public Verdict updateContainer(String id, LinuxResources sent, Door door) {
        if (created.isBeingTold(id, sent)) {
            return new Verdict.Proceed(null, Completion.NONE);
        }
        Step step =
                pod -> resizes.toContainer(pod, pod.container(id).orElseThrow().name(), sent);
        Lookup lookup = () -> ledger.state().ofContainer(id).orElse(null);
        Reclaiming reclaiming = reclaimed(lookup, step);
        List<Loss> told;
        try {
            told = created.told(lookup, step, id, door);
        } catch (RefusedException e) {
            end(reclaiming);
            return new Verdict.Refuse(e.refusal());
        }
        Verdict verdict = updateContainer(id, sent, step, reclaiming, told, door);
        if (verdict instanceof Verdict.Refuse) {
            created.tellAgain(told);
        }
        return verdict;
    }

    private Verdict updateContainer(
            String id, LinuxResources sent, Step step, @Nullable Reclaiming reclaiming, List<Loss> told, Door door) {
        return ended(reclaiming, () -> {
            PodState pod = ledger.state().ofContainer(id).orElse(null);
            if (pod == null) {
                return new Verdict.Proceed(null, Completion.NONE);
            }
            Allocation allocation;
            try {
                allocation = decided(pod, step, reclaiming);
            } catch (RefusedException e) {
                return refused(pod, resizes.asked(pod, id, sent), e.refusal());
            }
            boolean same = allocation.equals(pod.allocation());
            PodState resized = same
                    ? pod
                    : pod.resized(
                            allocation,
                            created.untold(pod, allocation, pod.resizing().settled(), door));
            if (!same) {
                place(pod, resized);
            }
            ContainerState container = resized.container(id).orElseThrow();
            LinuxResources kept = containers.updated(resized, container, sent);
            containers.told(resized, container);
            return new Verdict.Proceed(
                    kept.equals(sent) ? null : kept,
                    same && reclaiming == null
                            ? Completion.NONE
                            : new ContainerCompletion(pod, resized, reclaiming, told));
        });
    }

    private void place(PodState pod, PodState resized) {
        String occasion = "resize a container of " + pod.fullName();
        if (resized.placement().equals(pod.placement())) {
            changes.saveOrThrow(ledger.state().with(resized), occasion);
        } else {
            changes.enforceOrThrow(ledger.state().with(resized), occasion);
        }
    }

    private final class ContainerCompletion implements Completion {
        private final PodState before;
        private final PodState resized;
        private final @Nullable Reclaiming reclaiming;
        private final List<Loss> told;

        ContainerCompletion(PodState before, PodState resized, @Nullable Reclaiming reclaiming, List<Loss> told) {
            this.before = before;
            this.resized = resized;
            this.reclaiming = reclaiming;
            this.told = told;
        }

        @Override
        public void succeeded(String id) {
            if (!resized.equals(before)) {
                resizes.done(before, resized);
            }
            end(reclaiming);
            guard.quietly("retry resizes", pendingResizes::retry);
        }

        /** Takes back the resize, unless the pod has been resized again since. */
        @Override
        public void failed() {
            if (!resized.equals(before)) {
                resizes.failed(before, "the runtime has not resized the container");
            }
            guard.quietly("container not resized", () -> {
                PodState now = ledger.state().pod(before.uid()).orElse(null);
                if (now != null && now.spec().equals(resized.spec()) && now.serial() == resized.serial()) {
                    Allocation had = new Allocation(before.spec(), now.budget(), before.placement());
                    PodState back = now.resized(had, now.resizing());
                    changes.enforceAnyway(ledger.state().with(back), "take back a resize of " + before.fullName());
                }
                reclaims.end(reclaiming);
            });
            created.tellAgain(told);
        }
    }

    /**
     * Returns the pod's new allocation.
     *
     * @throws RefusedException if it cannot have it, or another resize of it is under way
     */
    private Allocation decided(PodState pod, Step step, @Nullable Reclaiming reclaiming) throws RefusedException {
        Allocation allocation = step.of(pod);
        if (allocation.equals(pod.allocation())) {
            return allocation;
        }
        if (reclaiming == null && pod.isReclaiming()) {
            throw new RefusedException(MemoryReclaims.busy(pod));
        }
        Refusal unfit = reclaims.unfit(pod, allocation);
        if (unfit != null) {
            throw new RefusedException(unfit);
        }
        return allocation;
    }

    /** Looks up a pod, under the lock. */
    interface Lookup {
        @Nullable
        PodState pod();
    }

    /**
     * Reclaims memory if the step needs that, and waits for it; the decision that follows finds out if it was enough.
     */
    private @Nullable Reclaiming reclaimed(Lookup lookup, Step step) {
        Reclaiming reclaiming = guard.look(() -> {
            PodState pod = lookup.pod();
            if (pod == null || pod.isReclaiming()) {
                return null;
            }
            try {
                return reclaims.begin(pod, step.of(pod));
            } catch (RefusedException e) {
                return null;
            } catch (RuntimeException e) {
                log.warn("pod {}: no memory is reclaimed: {}", pod.fullName(), e.getMessage());
                return null;
            }
        });
        if (reclaiming != null) {
            reclaim.run(reclaiming.needs());
        }
        return reclaiming;
    }

    /** Decides under the lock. A refusal or a failure ends the reclaim; else the completion does. */
    private Verdict ended(@Nullable Reclaiming reclaiming, Supplier<Verdict> decision) {
        Verdict verdict = null;
        try {
            verdict = guard.look(decision);
            return verdict;
        } finally {
            boolean goesOn = verdict instanceof Verdict.Proceed proceed
                    && !proceed.completion().equals(Completion.NONE);
            if (reclaiming != null && !goesOn) {
                end(reclaiming);
            }
        }
    }

    private void end(@Nullable Reclaiming reclaiming) {
        guard.quietly("memory reclaimed", () -> reclaims.end(reclaiming));
    }

    private Verdict refused(PodState pod, Allocation asked, Refusal refusal) {
        pendingResizes.remember(pod, asked, 0, PendingResize.Source.CRI, refusal);
        return new Verdict.Refuse(refusal);
    }
}
