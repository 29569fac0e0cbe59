/** Which CPUs every cgroup shall be kept to, and the order in which to write it. */
@NullMarked
package io.podslice.node.pool;

import org.jspecify.annotations.NullMarked;
