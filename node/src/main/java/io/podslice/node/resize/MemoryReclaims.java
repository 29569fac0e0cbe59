package io.podslice.node.resize;

import io.podslice.node.Refusal;
import io.podslice.node.ResizeCondition;
import io.podslice.node.StateException;
import io.podslice.node.change.Changes;
import io.podslice.node.resize.MemoryReclaim.Need;
import io.podslice.node.state.Ledger;
import io.podslice.node.state.PodState;
import io.podslice.node.state.ResizeInProgress;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The state's side of a {@link MemoryReclaim}: what is lowered is saved before, so that it is put back whatever happens
 * to podslice. Guarded by the brain's lock.
 */
public final class MemoryReclaims {
    private final Clock clock;
    private final Ledger ledger;
    private final Changes changes;
    private final MemoryReclaim memory;

    public MemoryReclaims(Clock clock, Ledger ledger, Changes changes, MemoryReclaim memory) {
        this.clock = clock;
        this.ledger = ledger;
        this.changes = changes;
        this.memory = memory;
    }

    /**
     * One that is under way.
     *
     * @param serial of the pod's admission
     */
    record Squeezing(String uid, long serial, List<Need> needs) {
        Squeezing {
            needs = List.copyOf(needs);
        }
    }

    /** What whoever comes meanwhile is told. */
    static Refusal busy(PodState pod) {
        return new Refusal(
                ResizeCondition.DEFERRED,
                Refusal.Kind.PRECONDITION,
                "pod " + pod.fullName() + ": another resize is under way: "
                        + pod.resizing()
                                .map(resizing -> resizing.condition().message())
                                .orElse(""));
    }

    /**
     * Begins one if the resize needs it; null if it does not.
     *
     * @throws StateException if that cannot be saved; nothing has changed
     */
    @Nullable
    Squeezing begin(PodState pod, PodState resized) {
        List<Need> needs = memory.needs(pod, resized);
        if (needs.isEmpty()) {
            return null;
        }
        ResizeCondition condition = new ResizeCondition(
                ResizeCondition.Type.IN_PROGRESS,
                "",
                "memory is being reclaimed: " + memory.refusal(needs).message(),
                clock.instant());
        List<String> untold = pod.resizing().map(ResizeInProgress::untold).orElse(List.of());
        PodState marked = pod.withResizing(Optional.of(new ResizeInProgress(condition, memory.before(needs), untold)));
        changes.note(ledger.state().with(marked), "squeeze " + pod.fullName());
        return new Squeezing(pod.uid(), pod.serial(), needs);
    }

    /** It is over, however it went: memory.high is put back. */
    void end(@Nullable Squeezing squeezing) {
        if (squeezing == null) {
            return;
        }
        PodState pod = ledger.state().pod(squeezing.uid()).orElse(null);
        if (pod != null && pod.serial() == squeezing.serial() && pod.isSqueezed()) {
            release(pod);
        }
    }

    private void release(PodState pod) {
        ResizeInProgress resizing = pod.resizing().orElseThrow();
        changes.putBack(memory.putBack(resizing.squeezed()), "put back memory.high of " + pod.fullName());
        changes.noteAnyway(ledger.state().with(pod.withResizing(resizing.released())), "squeezed " + pod.fullName());
    }

    /** Those that a podslice before this one did not live to end. */
    public void endAll() {
        List<PodState> pods = new ArrayList<>(ledger.state().pods());
        for (PodState pod : pods) {
            if (pod.isSqueezed()) {
                release(pod);
            }
        }
    }

    /** Why the resize cannot be: memory that is in use; null if it fits. */
    @Nullable
    Refusal unfit(PodState pod, PodState resized) {
        List<Need> needs = memory.needs(pod, resized);
        return needs.isEmpty() ? null : memory.refusal(needs);
    }
}
