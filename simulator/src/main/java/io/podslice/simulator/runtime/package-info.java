/** A CRI runtime without containers: containerd's answers and runc's cgroup writes, in one process and without root. */
@NullMarked
package io.podslice.simulator.runtime;

import org.jspecify.annotations.NullMarked;
