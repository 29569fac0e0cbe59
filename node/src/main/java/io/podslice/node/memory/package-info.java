/**
 * The desired memory.min, memory.low and memory.high of every cgroup, the order in which to write them, and the search
 * for drift.
 */
@NullMarked
package io.podslice.node.memory;

import org.jspecify.annotations.NullMarked;
