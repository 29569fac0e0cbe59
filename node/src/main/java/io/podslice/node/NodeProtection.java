package io.podslice.node;

/**
 * The memory of a node's pods that is protected from reclaim, summed over the pods whose spec podslice knows.
 *
 * @param minBytes sum of memory.min: the requests of Guaranteed pods less the headroom; never reclaimed
 * @param lowBytes sum of memory.low: the requests of Burstable pods; reclaimed only when nothing else is left to
 *     reclaim
 */
public record NodeProtection(long minBytes, long lowBytes) {
    /** Nothing is protected. */
    public static final NodeProtection NONE = new NodeProtection(0, 0);
}
