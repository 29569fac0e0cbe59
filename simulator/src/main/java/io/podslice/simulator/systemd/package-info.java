/** A systemd in memory, as far as cgroups go: units, their properties, and what it writes to the cgroup tree and when. */
@NullMarked
package io.podslice.simulator.systemd;

import org.jspecify.annotations.NullMarked;
