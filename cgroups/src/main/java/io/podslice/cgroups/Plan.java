package io.podslice.cgroups;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Steps in the order in which they must happen; an immutable value. {@link PlanRunner} applies it, all or nothing.
 *
 * @param steps the steps, first to last
 */
public record Plan(List<Step> steps) {
    /** The plan without steps. */
    public static final Plan EMPTY = new Plan(List.of());

    public Plan {
        steps = List.copyOf(steps);
    }

    public static Plan of(Step... steps) {
        return new Plan(List.of(steps));
    }

    /** Returns this plan followed by the next. */
    public Plan then(Plan next) {
        List<Step> both = new ArrayList<>(steps);
        both.addAll(next.steps);
        return new Plan(both);
    }

    /** Returns this plan followed by those steps. */
    public Plan then(Collection<? extends Step> next) {
        return then(new Plan(List.copyOf(next)));
    }

    public boolean isEmpty() {
        return steps.isEmpty();
    }

    /** Returns one line for each step, each ended by a newline; empty for the empty plan. */
    public String describe() {
        StringBuilder text = new StringBuilder();
        for (Step step : steps) {
            text.append(step.describe()).append('\n');
        }
        return text.toString();
    }
}
