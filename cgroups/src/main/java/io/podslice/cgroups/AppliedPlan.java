package io.podslice.cgroups;

import java.util.ArrayList;
import java.util.List;

/**
 * The outcome of applying a plan.
 *
 * @param steps the steps that changed something, in the order in which they were applied
 * @param gone the steps left out because their cgroup had vanished, where they allow for that
 * @param overruled the steps left out because the kernel would refuse them whatever they say ({@link KernelChecks})
 */
public record AppliedPlan(List<AppliedStep> steps, List<Step> gone, List<Step> overruled) {
    public AppliedPlan {
        steps = List.copyOf(steps);
        gone = List.copyOf(gone);
        overruled = List.copyOf(overruled);
    }

    /** The outcome of a plan of which nothing was overruled. */
    public AppliedPlan(List<AppliedStep> steps, List<Step> gone) {
        this(steps, gone, List.of());
    }

    /** Returns the plan that repeats the changes: the steps that changed something. */
    public Plan plan() {
        return new Plan(steps.stream().map(AppliedStep::step).toList());
    }

    /** Returns the plan that undoes the changes, last step first. */
    public Plan inverse() {
        List<Step> inverse = new ArrayList<>();
        for (AppliedStep applied : steps.reversed()) {
            inverse.addAll(applied.inverse());
        }
        return new Plan(inverse);
    }

    /** Returns one line for each step that changed something, each ended by a newline. */
    public String describe() {
        StringBuilder text = new StringBuilder();
        for (AppliedStep applied : steps) {
            text.append(applied.describe()).append('\n');
        }
        return text.toString();
    }
}
