/** The journal of a simulated node, in order: the kubelet's calls, and the writes of every program to cgroup files. */
@NullMarked
package io.podslice.simulator.journal;

import org.jspecify.annotations.NullMarked;
