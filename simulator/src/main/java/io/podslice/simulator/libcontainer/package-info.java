/** Cgroups as libcontainer makes them for the kubelet and for runc, with either of its drivers. */
@NullMarked
package io.podslice.simulator.libcontainer;

import org.jspecify.annotations.NullMarked;
