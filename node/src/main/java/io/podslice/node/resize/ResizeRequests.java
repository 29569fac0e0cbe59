package io.podslice.node.resize;

import io.podslice.cgroups.AppliedStep;
import io.podslice.managers.pod.InvalidPodSpecException;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.resize.SpecResize;
import io.podslice.node.PodPhase;
import io.podslice.node.Refusal;
import io.podslice.node.RefusedException;
import io.podslice.node.ResizeAnswer;
import io.podslice.node.ResizeCondition;
import io.podslice.node.ResizeRequest;
import io.podslice.node.resize.MemoryReclaims.Reclaiming;
import io.podslice.node.state.Allocation;
import io.podslice.node.state.Guard;
import io.podslice.node.state.Ledger;
import io.podslice.node.state.PendingResize;
import io.podslice.node.state.PodState;
import io.podslice.node.state.Resizing;
import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers the node API's requests for resizes. Takes the brain's lock, but not while memory is reclaimed or the runtime
 * is told.
 */
public final class ResizeRequests {
    private static final Logger log = LoggerFactory.getLogger(ResizeRequests.class);

    private final Guard guard;
    private final Clock clock;
    private final Ledger ledger;
    private final Resizes resizes;
    private final MemoryReclaims reclaims;
    private final MemoryReclaim reclaim;
    private final PendingResizes pendingResizes;
    private final RuntimeNotifications notifications;

    public ResizeRequests(
            Guard guard,
            Clock clock,
            Ledger ledger,
            Resizes resizes,
            MemoryReclaims reclaims,
            MemoryReclaim reclaim,
            PendingResizes pendingResizes,
            RuntimeNotifications notifications) {
        this.guard = guard;
        this.clock = clock;
        this.ledger = ledger;
        this.resizes = resizes;
        this.reclaims = reclaims;
        this.reclaim = reclaim;
        this.pendingResizes = pendingResizes;
        this.notifications = notifications;
    }

    /** Result of a look at a request: the answer, or a reclaim of memory that has to come first. */
    private record Look(
            @Nullable ResizeAnswer answer, @Nullable Reclaiming reclaiming) {}

    /** Answers a request; blocks while memory is reclaimed for it. */
    public ResizeAnswer resize(ResizeRequest request) {
        Look first = guard.look(() -> look(request, null));
        Reclaiming reclaiming = first.reclaiming();
        if (reclaiming != null) {
            reclaim.run(reclaiming.needs());
            first = guard.look(() -> {
                Look second = look(request, reclaiming);
                reclaims.end(reclaiming);
                return second;
            });
        }
        ResizeAnswer answer = first.answer();
        if (answer == null) {
            throw new IllegalStateException("no answer to " + request);
        }
        if (answer instanceof ResizeAnswer.Done) {
            guard.quietly("retry resizes", pendingResizes::retry);
            notifications.tell();
        }
        return answer;
    }

    private Look look(ResizeRequest request, @Nullable Reclaiming reclaiming) {
        try {
            return decided(request, reclaiming);
        } catch (RuntimeException e) {
            log.error("resize {}: {}", request.fullName(), e.getMessage(), e);
            return answer(new ResizeAnswer.Failed(
                    new Refusal("PodsliceError", Refusal.Kind.INTERNAL, String.valueOf(e.getMessage()))));
        }
    }

    private Look decided(ResizeRequest request, @Nullable Reclaiming reclaiming) {
        PodState pod = find(request.namespace(), request.name());
        if (pod == null) {
            return answer(new ResizeAnswer.UnknownPod(request.namespace(), request.name()));
        }
        PodSpec desired;
        try {
            desired = SpecResize.of(allocated(pod), request.pod(), request.containers());
        } catch (InvalidPodSpecException e) {
            return answer(new ResizeAnswer.Invalid(
                    new Refusal("InvalidPodSpec", Refusal.Kind.INVALID, String.valueOf(e.getMessage()))));
        }
        List<String> restarts = ResizePlan.restarts(pod, desired);
        if (!restarts.isEmpty()) {
            return answer(new ResizeAnswer.NeedsRestart(restarts));
        }
        try {
            return decided(pod, desired, request, reclaiming);
        } catch (RefusedException e) {
            return answer(refused(pod, desired, request, e.refusal()));
        }
    }

    private Look decided(PodState pod, PodSpec desired, ResizeRequest request, @Nullable Reclaiming reclaiming)
            throws RefusedException {
        if (pod.phase() == PodPhase.STARTING) {
            throw deferred("pod " + pod.fullName() + " is starting");
        }
        if (reclaiming == null && pod.isReclaiming()) {
            throw new RefusedException(MemoryReclaims.busy(pod));
        }
        Allocation allocation = resizes.toSpec(pod, desired);
        if (request.dryRun()) {
            return answer(new ResizeAnswer.DryRun(texts(resizes.dryRun(pod, allocation))));
        }
        Refusal unfit = reclaims.unfit(pod, allocation);
        if (unfit != null) {
            if (reclaiming != null) {
                throw new RefusedException(unfit);
            }
            return new Look(null, reclaims.begin(pod, allocation));
        }
        Resizing resizing = notifications.after(pod, allocation, clock.instant());
        return answer(new ResizeAnswer.Done(texts(resizes.apply(pod, allocation, resizing))));
    }

    private static Look answer(ResizeAnswer answer) {
        return new Look(answer, null);
    }

    private static RefusedException deferred(String message) {
        return new RefusedException(new Refusal(ResizeCondition.DEFERRED, Refusal.Kind.PRECONDITION, message));
    }

    private static List<String> texts(List<AppliedStep> steps) {
        return steps.stream().map(AppliedStep::describe).toList();
    }

    private static PodSpec allocated(PodState pod) {
        return pod.spec()
                .orElseThrow(() -> new InvalidPodSpecException(
                        "podslice.io/pod-spec",
                        null,
                        "pod " + pod.fullName() + " has no such annotation, so its spec is not known here"));
    }

    /** Finds the pod of that name that has not been stopped; several may have had it. */
    private @Nullable PodState find(String namespace, String name) {
        for (PodState pod : ledger.state().pods()) {
            boolean named = pod.namespace().equals(namespace) && pod.name().equals(name);
            if (named && pod.phase() != PodPhase.STOPPED) {
                return pod;
            }
        }
        return null;
    }

    private ResizeAnswer refused(PodState pod, PodSpec desired, ResizeRequest request, Refusal refusal) {
        if (!request.dryRun()) {
            pendingResizes.remember(
                    pod, resizes.asked(pod, desired), request.priority(), PendingResize.Source.NODE_API, refusal);
        }
        return PendingResizes.isInfeasible(refusal)
                ? new ResizeAnswer.Infeasible(refusal)
                : new ResizeAnswer.Deferred(refusal);
    }
}
