/** Admitting a pod: the topology, CPU and memory managers together, state in and decision out. */
@NullMarked
package io.podslice.managers.admission;

import org.jspecify.annotations.NullMarked;
