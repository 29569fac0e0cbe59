/**
 * The placement of pods and containers on CPUs and memory nodes: the interface of the topology, CPU and memory
 * managers, and their decisions as values.
 */
@NullMarked
package io.podslice.managers.placement;

import org.jspecify.annotations.NullMarked;
