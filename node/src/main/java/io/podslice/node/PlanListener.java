package io.podslice.node;

import io.podslice.cgroups.AppliedStep;
import java.util.List;

/**
 * Hears of each plan that was written to the cgroup tree. Called with the brain's lock held: must be quick, and must
 * not call the brain.
 */
public interface PlanListener {

    /** Ignores every plan. */
    PlanListener NONE = (occasion, steps) -> {};

    /**
     * Takes note of a plan that was applied and changed something.
     *
     * @param occasion the reason, e.g. {@code admit default/db}, {@code resize default/db}
     * @param steps the steps that changed something, in order
     */
    void applied(String occasion, List<AppliedStep> steps);
}
