/** Drift of cgroup files that other programs write over: looks at cgroups in turn, and a bound for repairs. */
@NullMarked
package io.podslice.node.drift;

import org.jspecify.annotations.NullMarked;
