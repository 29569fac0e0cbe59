package io.podslice.node.brain;

import io.podslice.node.Completion;
import io.podslice.node.NodeEvent;
import io.podslice.node.NodeRequest;
import io.podslice.node.Refusal;
import io.podslice.node.RuntimeContents;
import io.podslice.node.SynchronizeReport;
import io.podslice.node.Verdict;

/**
 * The brain of a node on which nothing can be enforced, such as one without cgroup v2: a pod that asks nothing of podslice
 * passes, and one that asks is refused.
 *
 * @param reason the reason of the refusals, in CamelCase
 * @param problem the part that is missing, for the refusals
 */
public record NothingEnforced(String reason, String problem) implements Brain {

    /** Returns the brain of a node without cgroup v2. */
    public static NothingEnforced withoutCgroups(String problem) {
        return new NothingEnforced("CgroupV2Required", problem);
    }

    @Override
    public Verdict decide(NodeRequest request) {
        return asks(request)
                ? new Verdict.Refuse(new Refusal(reason, Refusal.Kind.PRECONDITION, problem))
                : new Verdict.Proceed(null, Completion.NONE);
    }

    /** Ignores the event: there is no state. */
    @Override
    public void happened(NodeEvent event) {}

    /** Reports nothing, and does not ask the runtime: there is no state. */
    @Override
    public SynchronizeReport synchronize(RuntimeContents.Source runtime) {
        return SynchronizeReport.NOTHING;
    }

    @Override
    public boolean asks(NodeRequest request) {
        return request.asks();
    }
}
