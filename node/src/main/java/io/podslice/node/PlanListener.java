package io.podslice.node;

import io.podslice.cgroups.AppliedStep;
import java.util.List;

/** Is told what was written to the cgroup tree. Called under the brain's lock: to be quick, and not to call back. */
public interface PlanListener {

    /** Hears nothing. */
    PlanListener NONE = (occasion, steps) -> {};

    /**
     * A plan has been applied and changed something.
     *
     * @param occasion why, e.g. {@code admit default/db}, {@code resize default/db}
     * @param steps what was changed, in order
     */
    void applied(String occasion, List<AppliedStep> steps);
}
