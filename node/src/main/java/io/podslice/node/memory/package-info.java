/** What every cgroup's memory.min, memory.low and memory.high shall say, and the order in which to write it. */
@NullMarked
package io.podslice.node.memory;

import org.jspecify.annotations.NullMarked;
