package io.podslice.simulator.runtime;

import io.grpc.Status;

/** A way for one call to go wrong. */
public sealed interface Fault {

    /** Refuses the call before anything has happened. */
    record Refuse(Status status) implements Fault {}

    /** Fails after half of the work, and cleans up as containerd does. */
    record HalfWay(Status status) implements Fault {}

    /** Does all of the work, but the answer never comes: the caller's deadline or connection ends the call. */
    record NoAnswer() implements Fault {}

    /** Does nothing and never answers. */
    record Hang() implements Fault {}

    /**
     * The runtime dies with the work half done: every connection breaks, and it does not listen until started again.
     */
    record Die() implements Fault {}
}
