package io.podslice.cgroups;

import java.util.ArrayList;
import java.util.List;

/**
 * What applying a plan did.
 *
 * @param steps the steps that changed something, in the order in which they were applied
 * @param gone the steps left out because their cgroup had vanished, which they allowed for
 */
public record AppliedPlan(List<AppliedStep> steps, List<Step> gone) {
    public AppliedPlan {
        steps = List.copyOf(steps);
        gone = List.copyOf(gone);
    }

    /** The steps without what they did: the plan that does the same again. */
    public Plan plan() {
        return new Plan(steps.stream().map(AppliedStep::step).toList());
    }

    /** The plan that takes back what was done, last step first. */
    public Plan inverse() {
        List<Step> inverse = new ArrayList<>();
        for (AppliedStep applied : steps.reversed()) {
            inverse.addAll(applied.inverse());
        }
        return new Plan(inverse);
    }

    /** One line for each step that changed something, each ended by a newline. */
    public String describe() {
        StringBuilder text = new StringBuilder();
        for (AppliedStep applied : steps) {
            text.append(applied.describe()).append('\n');
        }
        return text.toString();
    }
}
