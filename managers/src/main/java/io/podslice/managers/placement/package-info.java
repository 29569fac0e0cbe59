/**
 * Which CPUs and memory nodes a pod and its containers get: the interface of the topology, CPU and memory managers,
 * and what they decide, as values.
 */
@NullMarked
package io.podslice.managers.placement;

import org.jspecify.annotations.NullMarked;
