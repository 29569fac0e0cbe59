/** The brain: what both doors (CRI shim and NRI plugin) call, one state, every pod and container on the node. */
@NullMarked
package io.podslice.node;

import org.jspecify.annotations.NullMarked;
