/**
 * The one way in which cgroups change: each plan is drafted, verified, journaled, written, and undone if it fails.
 */
@NullMarked
package io.podslice.node.change;

import org.jspecify.annotations.NullMarked;
