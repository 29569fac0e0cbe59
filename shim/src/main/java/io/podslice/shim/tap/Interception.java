package io.podslice.shim.tap;

/** What the tap does with the calls of one method. Methods without one pass unseen. */
public sealed interface Interception permits Held, Observed {}
