package io.podslice.node.resize;

import io.podslice.node.Refusal;
import io.podslice.node.ResizeCondition;
import io.podslice.node.StateException;
import io.podslice.node.change.Changes;
import io.podslice.node.resize.MemoryReclaim.Need;
import io.podslice.node.state.Allocation;
import io.podslice.node.state.Ledger;
import io.podslice.node.state.PodState;
import io.podslice.node.state.ResizeInProgress;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reclaims of memory as the state has them: the cgroups whose memory.high is lowered are saved before that, so that it is
 * put back whatever happens to podslice.
 */
public final class MemoryReclaims {
    private final Clock clock;
    private final Ledger ledger;
    private final Changes changes;
    private final MemoryReclaim reclaim;

    public MemoryReclaims(Clock clock, Ledger ledger, Changes changes, MemoryReclaim reclaim) {
        this.clock = clock;
        this.ledger = ledger;
        this.changes = changes;
        this.reclaim = reclaim;
    }

    /**
     * A reclaim that is under way.
     *
     * @param uid of the pod that is resized
     * @param serial of the pod's admission
     * @param needs the cgroups that use too much
     */
    record Reclaiming(String uid, long serial, List<Need> needs) {
        Reclaiming {
            needs = List.copyOf(needs);
        }
    }

    /** Returns the refusal of another resize that comes meanwhile. */
    static Refusal busy(PodState pod) {
        return new Refusal(
                ResizeCondition.DEFERRED,
                Refusal.Kind.PRECONDITION,
                "pod " + pod.fullName() + ": another resize is under way: "
                        + pod.inProgress()
                                .map(resizing -> resizing.condition().message())
                                .orElse(""));
    }

    /**
     * Begins a reclaim if the resize needs it; null if it does not.
     *
     * @throws StateException if that cannot be saved; nothing has changed
     */
    @Nullable
    Reclaiming begin(PodState pod, Allocation allocation) {
        ledger.assertHeld();
        List<Need> needs = reclaim.needs(pod, allocation);
        if (needs.isEmpty()) {
            return null;
        }
        ResizeCondition condition = new ResizeCondition(
                ResizeCondition.Type.IN_PROGRESS,
                "",
                "memory is being reclaimed: " + reclaim.refusal(needs).message(),
                clock.instant());
        List<String> untold = pod.inProgress().map(ResizeInProgress::untold).orElse(List.of());
        ResizeInProgress inProgress = new ResizeInProgress(condition, reclaim.before(needs), untold);
        PodState marked = pod.with(pod.resizing().withInProgress(Optional.of(inProgress)));
        changes.saveOrThrow(ledger.state().with(marked), "reclaim memory of " + pod.fullName());
        return new Reclaiming(pod.uid(), pod.serial(), needs);
    }

    /** Ends a reclaim, successful or not: restores memory.high. */
    void end(@Nullable Reclaiming reclaiming) {
        ledger.assertHeld();
        if (reclaiming == null) {
            return;
        }
        PodState pod = ledger.state().pod(reclaiming.uid()).orElse(null);
        if (pod != null && pod.serial() == reclaiming.serial() && pod.isReclaiming()) {
            release(pod);
        }
    }

    private void release(PodState pod) {
        ResizeInProgress inProgress = pod.inProgress().orElseThrow();
        changes.putBack(reclaim.putBack(inProgress.lowered()), "put back memory.high of " + pod.fullName());
        PodState released = pod.with(pod.resizing().withInProgress(inProgress.reclaimed()));
        changes.saveAnyway(ledger.state().with(released), "memory reclaimed of " + pod.fullName());
    }

    /** Ends the reclaims that were under way when an earlier run of podslice died. */
    public void endAll() {
        ledger.assertHeld();
        List<PodState> pods = new ArrayList<>(ledger.state().pods());
        for (PodState pod : pods) {
            if (pod.isReclaiming()) {
                release(pod);
            }
        }
    }

    /** Returns the refusal of a resize below the memory in use; null if it fits. */
    @Nullable
    Refusal unfit(PodState pod, Allocation allocation) {
        ledger.assertHeld();
        List<Need> needs = reclaim.needs(pod, allocation);
        return needs.isEmpty() ? null : reclaim.refusal(needs);
    }
}
