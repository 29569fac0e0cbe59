package io.podslice.node;

import io.podslice.cgroups.machine.Machine;
import java.time.Duration;
import java.util.List;

/** The brain as the node API sees it. Every method may be called from any thread. */
public interface ManagedNode {

    /** Returns the node as it is now, with the revision of its state. */
    RevisedView revisedSnapshot();

    /** Returns the machine as pods can use it at the moment. */
    Machine machine();

    /** Returns the CPUs and memory that pods have now, and what is left of them. */
    NodeAllocations allocations();

    /**
     * Waits until the state has another revision than the given one, or the time is over, and returns the revision at
     * that moment.
     */
    long awaitOtherRevision(long revision, Duration atMost) throws InterruptedException;

    /**
     * Reads the actual values of a pod and of its containers from their cgroups, without the brain's lock.
     *
     * @param pod as a snapshot has it
     * @throws io.podslice.cgroups.CgroupException if a file exists and cannot be read
     */
    PodActual actual(NodeView.PodView pod);

    /** Returns the health of each source of pods' specs, best first; empty where none is configured. */
    List<SourceHealth> sources();

    /** Returns the node's figures as they are now. */
    NodeMetrics metrics();

    /**
     * Gives a running pod the requested amounts, all of them or none; a dry run only tells what would be written. Never
     * throws for anything that a request holds.
     */
    ResizeAnswer resize(ResizeRequest request);
}
