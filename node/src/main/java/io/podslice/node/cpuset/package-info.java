/** The desired cpuset of every cgroup, the order in which to write it, and the search for drift. */
@NullMarked
package io.podslice.node.cpuset;

import org.jspecify.annotations.NullMarked;
