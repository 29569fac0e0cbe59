/** The node's hardware, read from sysfs: CPUs, cores, sockets, NUMA nodes, L3 caches and memory. */
@NullMarked
package io.podslice.cgroups.machine;

import org.jspecify.annotations.NullMarked;
