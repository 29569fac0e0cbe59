/** Who did what to a simulated node, in order: the calls of the kubelet and everybody's writes to cgroup files. */
@NullMarked
package io.podslice.simulator.journal;

import org.jspecify.annotations.NullMarked;
