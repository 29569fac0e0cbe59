package io.podslice.shim.tap;

/**
 * A method whose calls end only when one of the peers ends them, such as a subscription to events. They pass unseen;
 * when the connection is drained they are reset at once, for they would hold it until the last moment.
 */
public record Endless() implements Interception {}
