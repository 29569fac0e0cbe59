package io.podslice.node;

import java.time.Duration;

/** The brain as the node API sees it. Every method may be called from any thread. */
public interface ManagedNode {

    /** Everything as it is now, with its revision. */
    RevisedView revisedSnapshot();

    /** Waits until the revision is not this one, or the time is over: the revision then. */
    long awaitOtherRevision(long revision, Duration atMost) throws InterruptedException;

    /**
     * What the kernel has of a pod and of its containers, read now and without holding anybody up.
     *
     * @param pod as a snapshot has it
     * @throws io.podslice.cgroups.CgroupException if a file cannot be read although it is there
     */
    PodActual actual(NodeView.PodView pod);

    /** Figures of the node as it is now. */
    NodeMetrics metrics();

    /**
     * Gives a running pod what it is asked to have, all of it or nothing; or only says what it would do. Never throws
     * for anything that a request holds.
     */
    ResizeAnswer resize(ResizeRequest request);
}
