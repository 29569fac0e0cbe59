/** Drift of cgroup files that other programs overwrite: a round of looks at cgroups, and a bound on repairs. */
@NullMarked
package io.podslice.node.drift;

import org.jspecify.annotations.NullMarked;
