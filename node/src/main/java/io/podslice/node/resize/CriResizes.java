package io.podslice.node.resize;

import io.podslice.cgroups.CgroupException;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.node.Completion;
import io.podslice.node.Refusal;
import io.podslice.node.RefusedException;
import io.podslice.node.StateException;
import io.podslice.node.Verdict;
import io.podslice.node.change.Changes;
import io.podslice.node.pods.Containers;
import io.podslice.node.resize.MemoryReclaims.Squeezing;
import io.podslice.node.state.ContainerState;
import io.podslice.node.state.Guard;
import io.podslice.node.state.Ledger;
import io.podslice.node.state.PendingResize;
import io.podslice.node.state.PodState;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Resizes that come by way of the runtime, one step of the kubelet's a call: the pod's limit or request, or a
 * container's. A step that cannot be is vetoed; the kubelet then asks again by itself. Takes the brain's lock, but not
 * while memory is reclaimed.
 */
public final class CriResizes {
    private static final Logger log = LoggerFactory.getLogger(CriResizes.class);

    private final Guard guard;
    private final Ledger ledger;
    private final Changes changes;
    private final Containers containers;
    private final Resizes resizes;
    private final MemoryReclaims squeezes;
    private final MemoryReclaim memory;
    private final PendingResizes pendingResizes;

    public CriResizes(
            Guard guard,
            Ledger ledger,
            Changes changes,
            Containers containers,
            Resizes resizes,
            MemoryReclaims squeezes,
            MemoryReclaim memory,
            PendingResizes pendingResizes) {
        this.guard = guard;
        this.ledger = ledger;
        this.changes = changes;
        this.containers = containers;
        this.resizes = resizes;
        this.squeezes = squeezes;
        this.memory = memory;
        this.pendingResizes = pendingResizes;
    }

    /** Finds out what a pod would become. */
    private interface Step {
        PodState of(PodState pod) throws RefusedException;
    }

    /** The pod as a whole: decided now, applied once the runtime has agreed. */
    public Verdict updatePod(String sandboxId, LinuxResources overhead, LinuxResources sent) {
        Step step = pod -> resizes.toBudget(pod, overhead, sent);
        Squeezing squeezing = squeezed(() -> ledger.state().ofSandbox(sandboxId).orElse(null), step);
        return ended(squeezing, () -> {
            PodState pod = ledger.state().ofSandbox(sandboxId).orElse(null);
            if (pod == null) {
                return new Verdict.Proceed(null, Completion.NONE);
            }
            try {
                decided(pod, step, squeezing);
            } catch (RefusedException e) {
                return refused(pod, resizes.asked(pod, overhead, sent), e.refusal());
            }
            return new Verdict.Proceed(null, new PodCompletion(sandboxId, overhead, sent, squeezing));
        });
    }

    private final class PodCompletion implements Completion {
        private final String sandboxId;
        private final LinuxResources overhead;
        private final LinuxResources sent;
        private final @Nullable Squeezing squeezing;

        PodCompletion(String sandboxId, LinuxResources overhead, LinuxResources sent, @Nullable Squeezing squeezing) {
            this.sandboxId = sandboxId;
            this.overhead = overhead;
            this.sent = sent;
            this.squeezing = squeezing;
        }

        @Override
        public void succeeded(String id) throws RefusedException {
            try {
                guard.orRefuse(() -> {
                    PodState pod = ledger.state().ofSandbox(sandboxId).orElse(null);
                    if (pod != null) {
                        apply(pod);
                    }
                });
            } finally {
                failed();
            }
            guard.quietly("retry resizes", pendingResizes::retry);
        }

        private void apply(PodState pod) throws RefusedException {
            try {
                Step step = now -> resizes.toBudget(now, overhead, sent);
                resizes.apply(pod, decided(pod, step, squeezing).withPending(Optional.empty()));
            } catch (RefusedException e) {
                refused(pod, resizes.asked(pod, overhead, sent), e.refusal());
                throw e;
            } catch (CgroupException | StateException e) {
                if (!pod.inferred()) {
                    throw e;
                }
                log.error("pod {}: not resized: {}", pod.fullName(), e.getMessage(), e);
            }
        }

        @Override
        public void failed() {
            guard.quietly("squeeze ended", () -> squeezes.end(squeezing));
        }
    }

    /**
     * A container. What it has for itself is given before the runtime sees the update, with CPUs taken from others
     * before; its limits are the runtime's to write.
     */
    public Verdict updateContainer(String id, LinuxResources sent) {
        Step step =
                pod -> resizes.toContainer(pod, pod.container(id).orElseThrow().name(), sent);
        Squeezing squeezing = squeezed(() -> ledger.state().ofContainer(id).orElse(null), step);
        return ended(squeezing, () -> {
            PodState pod = ledger.state().ofContainer(id).orElse(null);
            if (pod == null) {
                return new Verdict.Proceed(null, Completion.NONE);
            }
            PodState resized;
            try {
                resized = decided(pod, step, squeezing);
            } catch (RefusedException e) {
                return refused(pod, resizes.asked(pod, id, sent), e.refusal());
            }
            boolean same = resized.equals(pod);
            if (!same) {
                resized = resized.withPending(Optional.empty());
                place(pod, resized);
            }
            ContainerState container = resized.container(id).orElseThrow();
            LinuxResources kept = containers.updated(resized, container, sent);
            containers.told(resized, container);
            return new Verdict.Proceed(
                    kept.equals(sent) ? null : kept,
                    same && squeezing == null ? Completion.NONE : new ContainerCompletion(pod, resized, squeezing));
        });
    }

    private void place(PodState pod, PodState resized) {
        String occasion = "resize a container of " + pod.fullName();
        if (resized.placement().equals(pod.placement())) {
            changes.note(ledger.state().with(resized), occasion);
        } else {
            changes.enforce(ledger.state().with(resized), occasion);
        }
    }

    private final class ContainerCompletion implements Completion {
        private final PodState before;
        private final PodState resized;
        private final @Nullable Squeezing squeezing;

        ContainerCompletion(PodState before, PodState resized, @Nullable Squeezing squeezing) {
            this.before = before;
            this.resized = resized;
            this.squeezing = squeezing;
        }

        @Override
        public void succeeded(String id) {
            if (!resized.equals(before)) {
                resizes.done(before, resized);
            }
            guard.quietly("squeeze ended", () -> squeezes.end(squeezing));
            guard.quietly("retry resizes", pendingResizes::retry);
        }

        /** It has what it had, unless it has been resized again since. */
        @Override
        public void failed() {
            if (!resized.equals(before)) {
                resizes.failed();
            }
            guard.quietly("container not resized", () -> {
                PodState now = ledger.state().pod(before.uid()).orElse(null);
                if (now != null && now.spec().equals(resized.spec()) && now.serial() == resized.serial()) {
                    PodState back = now.withPlacement(before.placement());
                    back = before.spec().isEmpty()
                            ? back
                            : Resizes.withSpec(back, before.spec().get());
                    changes.accept(ledger.state().with(back), "take back a resize of " + before.fullName());
                }
                squeezes.end(squeezing);
            });
        }
    }

    /** What the pod becomes; a pod that is known by inference alone is never refused. */
    private PodState decided(PodState pod, Step step, @Nullable Squeezing squeezing) throws RefusedException {
        PodState resized = step.of(pod);
        if (pod.inferred() || resized.equals(pod)) {
            return resized;
        }
        if (squeezing == null && pod.isSqueezed()) {
            throw new RefusedException(MemoryReclaims.busy(pod));
        }
        Refusal unfit = squeezes.unfit(pod, resized);
        if (unfit != null) {
            throw new RefusedException(unfit);
        }
        return resized;
    }

    /** Looks up a pod, under the lock. */
    private interface Lookup {
        @Nullable
        PodState pod();
    }

    /** Has memory given back, if the step needs that, and waits for it; what cannot be is found out by who decides. */
    private @Nullable Squeezing squeezed(Lookup lookup, Step step) {
        Squeezing squeezing = guard.look(() -> {
            PodState pod = lookup.pod();
            if (pod == null || pod.isSqueezed()) {
                return null;
            }
            try {
                return squeezes.begin(pod, step.of(pod));
            } catch (RefusedException e) {
                return null;
            } catch (RuntimeException e) {
                log.warn("pod {}: no memory is reclaimed: {}", pod.fullName(), e.getMessage());
                return null;
            }
        });
        if (squeezing != null) {
            memory.squeeze(squeezing.needs());
        }
        return squeezing;
    }

    /** Decides under the lock. A refusal or a failure ends the reclaim; else the completion does. */
    private Verdict ended(@Nullable Squeezing squeezing, Supplier<Verdict> decision) {
        Verdict verdict = null;
        try {
            verdict = guard.look(decision);
            return verdict;
        } finally {
            boolean goesOn = verdict instanceof Verdict.Proceed proceed
                    && !proceed.completion().equals(Completion.NONE);
            if (squeezing != null && !goesOn) {
                guard.quietly("squeeze ended", () -> squeezes.end(squeezing));
            }
        }
    }

    private Verdict refused(PodState pod, PodState asked, Refusal refusal) {
        pendingResizes.remember(pod, asked, 0, PendingResize.Source.CRI, refusal);
        return new Verdict.Refuse(refusal);
    }
}
