package io.podslice.node.state;

import java.util.Optional;

/**
 * A pod's resizes that are not over. Both may be there at once: one that waits, while the runtime has not been told yet of
 * the one before it.
 *
 * @param pending a resize that the pod was asked for and does not have
 * @param inProgress a resize that is under way
 */
public record Resizing(Optional<PendingResize> pending, Optional<ResizeInProgress> inProgress) {

    /** No resize. */
    public static final Resizing NONE = new Resizing(Optional.empty(), Optional.empty());

    /** Returns this with that resize waiting, in place of the one that waited. */
    public Resizing waitingFor(PendingResize pending) {
        return new Resizing(Optional.of(pending), inProgress);
    }

    /** Returns this with no resize waiting: the pod has been given what it was asked for last. */
    public Resizing settled() {
        return new Resizing(Optional.empty(), inProgress);
    }

    /** Returns this with that resize under way; empty for none any more. */
    public Resizing withInProgress(Optional<ResizeInProgress> inProgress) {
        return new Resizing(pending, inProgress);
    }
}
