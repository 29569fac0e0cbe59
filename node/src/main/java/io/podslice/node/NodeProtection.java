package io.podslice.node;

/**
 * How much memory is protected for the pods of a node, by what podslice knows of them.
 *
 * @param minBytes never reclaimed: what Guaranteed pods ask for, less the headroom
 * @param lowBytes reclaimed only when there is nothing else: what Burstable pods ask for
 */
public record NodeProtection(long minBytes, long lowBytes) {
    /** Nothing is protected. */
    public static final NodeProtection NONE = new NodeProtection(0, 0);
}
