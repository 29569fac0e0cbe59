package io.podslice.shim.tap;

/** The tap's treatment of the calls of one method. Methods without one pass unseen. */
public sealed interface Interception permits Held, Observed, Endless {}
