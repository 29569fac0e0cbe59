package io.podslice.node;

import io.podslice.cgroups.AppliedPlan;
import io.podslice.cgroups.AppliedStep;
import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.Plan;
import io.podslice.cgroups.PlanRunner;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Plans applied one after the other for one decision, all of them undone together if it fails after all. */
final class Transaction {
    private static final Logger log = LoggerFactory.getLogger(Transaction.class);

    private final PlanRunner runner;
    private final List<AppliedPlan> applied = new ArrayList<>();

    Transaction(PlanRunner runner) {
        this.runner = runner;
    }

    /** Applies the plan; if it fails it is undone, and those before it are for {@link #undo}. */
    void apply(Plan plan) {
        if (!plan.isEmpty()) {
            applied.add(runner.apply(plan));
        }
    }

    /** The steps that changed something, in order. */
    List<AppliedStep> steps() {
        List<AppliedStep> steps = new ArrayList<>();
        for (AppliedPlan plan : applied) {
            steps.addAll(plan.steps());
        }
        return steps;
    }

    /** Takes everything back, the last plan first; what cannot be is logged. */
    void undo() {
        for (AppliedPlan plan : applied.reversed()) {
            try {
                runner.apply(plan.inverse());
            } catch (CgroupException e) {
                log.error("could not undo: {}", e.getMessage(), e);
            }
        }
        applied.clear();
    }
}
