/**
 * The state: every pod and container that podslice manages, with the journal and the checkpoint that keep it.
 */
@NullMarked
package io.podslice.node.state;

import org.jspecify.annotations.NullMarked;
