/** Reconciles the state with the runtime's sandboxes and containers and with the CPU sets that the cgroups have. */
@NullMarked
package io.podslice.node.sync;

import org.jspecify.annotations.NullMarked;
