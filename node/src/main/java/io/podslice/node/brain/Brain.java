package io.podslice.node.brain;

import io.podslice.node.NodeEvent;
import io.podslice.node.NodeRequest;
import io.podslice.node.RuntimeContents;
import io.podslice.node.SynchronizeReport;
import io.podslice.node.Verdict;
import java.io.IOException;

/**
 * Decides on requests, without a limit of time; {@link Promise} stands between it and the doors. Every method may be
 * called from any thread. A RuntimeException means that podslice or the kernel failed and that nothing has changed.
 */
public interface Brain {

    /** Decides on a request. */
    Verdict decide(NodeRequest request);

    /** Takes note of what the runtime has done; logs what goes wrong. */
    void happened(NodeEvent event);

    /**
     * Reconciles the state with what the runtime has.
     *
     * @throws IOException if the runtime did not answer; nothing has changed
     */
    SynchronizeReport synchronize(RuntimeContents.Source runtime) throws IOException;

    /**
     * Tells if the request is one of a pod that asks something of podslice: by the annotations that come with it, or by
     * what the state has of the pod of its sandbox or container. Never waits for a lock.
     */
    boolean asks(NodeRequest request);
}
