package io.podslice.node.state;

import io.podslice.cgroups.CgroupPath;
import io.podslice.node.ResizeCondition;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A pod's resizes as the state file has them: the one that it was asked for and does not have, and the one under way. */
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

    static ResizeForm of(PodState pod) {
        return new ResizeForm(
                pod.pending()
                        .map(pending -> new Pending(
                                pending.desired().map(SpecForm::of),
                                BudgetForm.of(pending.budget()),
                                Condition.of(pending.condition()),
                                pending.priority(),
                                pending.source())),
                pod.resizing()
                        .map(resizing -> new InProgress(
                                Condition.of(resizing.condition()),
                                resizing.squeezed().stream()
                                        .map(squeezed -> new Squeezed(
                                                squeezed.cgroup().value(),
                                                squeezed.memoryHigh(),
                                                squeezed.loweredBytes()))
                                        .toList(),
                                resizing.untold())));
    }

    Optional<PendingResize> toPending() {
        return pending.map(pending -> new PendingResize(
                pending.desired().map(SpecForm::toSpec),
                pending.budget().toBudget(),
                pending.condition().toCondition(ResizeCondition.Type.PENDING),
                pending.priority(),
                pending.source()));
    }

    Optional<ResizeInProgress> toInProgress() {
        return inProgress.map(resizing -> new ResizeInProgress(
                resizing.condition().toCondition(ResizeCondition.Type.IN_PROGRESS),
                resizing.squeezed().stream()
                        .map(squeezed -> new ResizeInProgress.Squeezed(
                                new CgroupPath(squeezed.cgroup()), squeezed.memoryHigh(), squeezed.loweredBytes()))
                        .toList(),
                resizing.untold()));
    }
}
