/**
 * The state: every pod and container that podslice manages, with the journal and the checkpoint that keep it; and what
 * sweeps remember of cgroups from one look to the next: the round that they are in, and repairs that were undone.
 */
@NullMarked
package io.podslice.node.state;

import org.jspecify.annotations.NullMarked;
