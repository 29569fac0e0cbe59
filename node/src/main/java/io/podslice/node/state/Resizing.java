package io.podslice.node.state;

import java.util.Optional;

/**
 * A pod's resizes that are pending or in progress. There may be both at once: a pending one, while the runtime has not
 * been told yet of the one before it.
 *
 * @param pending a desired resize that is not granted
 * @param inProgress a granted resize with work left
 */
public record Resizing(Optional<PendingResize> pending, Optional<ResizeInProgress> inProgress) {

    /** No resize. */
    public static final Resizing NONE = new Resizing(Optional.empty(), Optional.empty());

    /** Returns these resizes with another pending one, in place of the one before. */
    public Resizing waitingFor(PendingResize pending) {
        return new Resizing(Optional.of(pending), inProgress);
    }

    /** Returns these resizes with none pending: the last desired one has been granted. */
    public Resizing settled() {
        return new Resizing(Optional.empty(), inProgress);
    }

    /** Returns these resizes with another one in progress; empty for none. */
    public Resizing withInProgress(Optional<ResizeInProgress> inProgress) {
        return new Resizing(pending, inProgress);
    }
}
