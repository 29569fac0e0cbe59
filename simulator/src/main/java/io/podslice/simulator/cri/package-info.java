/** A small CRI client for one Unix socket, which connects as the kubelet does. */
@NullMarked
package io.podslice.simulator.cri;

import org.jspecify.annotations.NullMarked;
