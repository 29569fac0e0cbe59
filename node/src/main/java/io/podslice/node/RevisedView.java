package io.podslice.node;

/**
 * The node at one revision of its state.
 *
 * @param revision grows with each change of the state, also over restarts
 */
public record RevisedView(long revision, NodeView node) {}
