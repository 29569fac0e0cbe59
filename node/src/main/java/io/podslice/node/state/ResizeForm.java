package io.podslice.node.state;

import io.podslice.cgroups.CgroupPath;
import io.podslice.node.ResizeCondition;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A pod's resizes as the state file has them: the pending one and the one in progress. */
record ResizeForm(Optional<Pending> pending, Optional<InProgress> inProgress) {

    record Condition(String reason, String message, String since) {
        static Condition of(ResizeCondition condition) {
            return new Condition(
                    condition.reason(), condition.message(), condition.since().toString());
        }

        ResizeCondition toCondition(ResizeCondition.Type type) {
            return new ResizeCondition(type, reason, message, Instant.parse(since));
        }
    }

    record Pending(
            Optional<SpecForm> desired,
            BudgetForm budget,
            Condition condition,
            int priority,
            PendingResize.Source source) {}

    record InProgress(Condition condition, List<Squeezed> squeezed, List<String> untold) {}

    record Squeezed(String cgroup, String memoryHigh, long loweredBytes) {}

    static ResizeForm of(Resizing resizing) {
        return new ResizeForm(
                resizing.pending()
                        .map(pending -> new Pending(
                                pending.desired().map(SpecForm::of),
                                BudgetForm.of(pending.budget()),
                                Condition.of(pending.condition()),
                                pending.priority(),
                                pending.source())),
                resizing.inProgress()
                        .map(inProgress -> new InProgress(
                                Condition.of(inProgress.condition()),
                                inProgress.lowered().stream()
                                        .map(lowered -> new Squeezed(
                                                lowered.cgroup().value(), lowered.memoryHigh(), lowered.loweredBytes()))
                                        .toList(),
                                inProgress.untold())));
    }

    Resizing toResizing() {
        return new Resizing(toPending(), toInProgress());
    }

    private Optional<PendingResize> toPending() {
        return pending.map(pending -> new PendingResize(
                pending.desired().map(SpecForm::toSpec),
                pending.budget().toBudget(),
                pending.condition().toCondition(ResizeCondition.Type.PENDING),
                pending.priority(),
                pending.source()));
    }

    private Optional<ResizeInProgress> toInProgress() {
        return inProgress.map(its -> new ResizeInProgress(
                its.condition().toCondition(ResizeCondition.Type.IN_PROGRESS),
                its.squeezed().stream()
                        .map(squeezed -> new ResizeInProgress.LoweredHigh(
                                new CgroupPath(squeezed.cgroup()), squeezed.memoryHigh(), squeezed.loweredBytes()))
                        .toList(),
                its.untold()));
    }
}
