package io.podslice.node;

import io.podslice.cgroups.AppliedStep;
import io.podslice.cgroups.CgroupException;
import io.podslice.managers.pod.InvalidPodSpecException;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.resize.SpecResize;
import io.podslice.node.state.PendingResize;
import io.podslice.node.state.PodPhase;
import io.podslice.node.state.PodState;
import io.podslice.node.state.ResizeCondition;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers the node API's requests for resizes. Guarded by the brain's lock. */
final class ResizeRequests {
    private static final Logger log = LoggerFactory.getLogger(ResizeRequests.class);

    private final NodeConfig config;
    private final Clock clock;
    private final Ledger ledger;
    private final Changes changes;
    private final Resizes resizes;

    ResizeRequests(NodeConfig config, Clock clock, Ledger ledger, Changes changes, Resizes resizes) {
        this.config = config;
        this.clock = clock;
        this.ledger = ledger;
        this.changes = changes;
        this.resizes = resizes;
    }

    ResizeAnswer resize(ResizeRequest request) {
        PodState pod = find(request.namespace(), request.name());
        if (pod == null) {
            return new ResizeAnswer.UnknownPod(request.namespace(), request.name());
        }
        PodSpec desired;
        try {
            desired = SpecResize.of(allocated(pod), request.pod(), request.containers());
        } catch (InvalidPodSpecException e) {
            return new ResizeAnswer.Invalid(
                    new Refusal("InvalidPodSpec", Refusal.Kind.INVALID, String.valueOf(e.getMessage())));
        }
        List<String> restarts = ResizePlan.restarts(pod, desired);
        if (!restarts.isEmpty()) {
            return new ResizeAnswer.NeedsRestart(restarts);
        }
        PodState resized;
        try {
            resized = resizes.toSpec(pod, desired);
        } catch (RefusedException e) {
            return refused(pod, desired, request, e.refusal());
        }
        if (request.dryRun()) {
            return new ResizeAnswer.DryRun(changes
                    .dryRun(ledger.state().with(resized), cpusets -> ResizePlan.of(pod, resized, cpusets, config.cfs()))
                    .stream()
                    .map(AppliedStep::describe)
                    .toList());
        }
        try {
            return new ResizeAnswer.Done(resizes.apply(pod, resized.withPending(Optional.empty())).stream()
                    .map(AppliedStep::describe)
                    .toList());
        } catch (CgroupException | StateException e) {
            log.error("resize {}: {}", pod.fullName(), e.getMessage(), e);
            return new ResizeAnswer.Failed(
                    new Refusal("PodsliceError", Refusal.Kind.INTERNAL, String.valueOf(e.getMessage())));
        }
    }

    private static PodSpec allocated(PodState pod) {
        return pod.spec()
                .orElseThrow(() -> new InvalidPodSpecException(
                        "podslice.io/pod-spec",
                        null,
                        "pod " + pod.fullName() + " has no such annotation, so its spec is not known here"));
    }

    /** Of several that have had the name, the one that has not been stopped. */
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
        boolean infeasible = refusal.reason().equals(ResizeCondition.INFEASIBLE);
        if (!request.dryRun()) {
            ResizeCondition condition = new ResizeCondition(
                    ResizeCondition.Type.PENDING,
                    infeasible ? ResizeCondition.INFEASIBLE : ResizeCondition.DEFERRED,
                    refusal.message(),
                    clock.instant());
            PendingResize pending = new PendingResize(
                    Optional.of(desired), pod.budget(), condition, request.priority(), PendingResize.Source.NODE_API);
            changes.noteAnyway(
                    ledger.state().with(pod.withPending(Optional.of(pending))), "resize of " + pod.fullName());
        }
        return infeasible ? new ResizeAnswer.Infeasible(refusal) : new ResizeAnswer.Deferred(refusal);
    }
}
