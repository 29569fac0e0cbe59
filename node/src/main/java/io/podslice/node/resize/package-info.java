/**
 * In-place resizes: from CRI and from the node API, pending and in progress, with the reclaim of memory that they need.
 */
@NullMarked
package io.podslice.node.resize;

import org.jspecify.annotations.NullMarked;
