package io.podslice.node;

import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * The brain as a door sees it. Every method may be called from any thread, and none throws for anything that a request
 * holds: it refuses.
 *
 * <p>A verdict that lets a call proceed carries a {@link Completion}; the door calls exactly one of its methods when
 * the runtime has answered, been cancelled or gone away.
 */
public interface Node {

    /**
     * Decides on a request, and writes to the cgroups what must be in force before the runtime acts on it. Blocks no
     * longer than the limit: where there is no verdict by then, or podslice fails, a request that asks nothing of
     * podslice proceeds as it is, and one that asks is refused.
     */
    Verdict decide(NodeRequest request, TimeLimit limit);

    /** Decides like {@link #decide(NodeRequest, TimeLimit)}, for a door that waits that long in all. */
    default Verdict decide(NodeRequest request, Duration limit) {
        return decide(request, TimeLimit.of(limit));
    }

    /**
     * Decides like {@link #decide(NodeRequest, TimeLimit)}, without a thread that waits: the calling thread itself decides,
     * and may be kept by that for longer than the limit. It should be a platform thread that the door can spare.
     *
     * @param answer gets the verdict, once: on the calling thread, or at the end of the limit on another one. It may
     *     block, and must not throw
     */
    void decide(NodeRequest request, TimeLimit limit, Consumer<Verdict> answer);

    /**
     * Takes note of what the runtime has done. Blocks no longer than the budget; work that is left by then continues in
     * the background.
     */
    void happened(NodeEvent event, Duration budget);

    /**
     * Takes note like {@link #happened(NodeEvent, Duration)}, on the calling thread, which may be kept by that for longer
     * than the budget.
     *
     * @param noted runs once: when the event is noted, or at the end of the budget on another thread. It may block, and
     *     must not throw
     */
    void happened(NodeEvent event, Duration budget, Runnable noted);

    /**
     * Reconciles the state with what the runtime has: takes in pods and containers that came while podslice was away,
     * and drops those that went. Pods that change while the runtime is asked are left alone; nothing is dropped on an
     * answer that is empty. The findings are logged once.
     *
     * @param runtime asked without a lock held
     * @throws IOException if the runtime did not answer; nothing has changed
     */
    SynchronizeReport synchronize(RuntimeContents.Source runtime) throws IOException;
}
