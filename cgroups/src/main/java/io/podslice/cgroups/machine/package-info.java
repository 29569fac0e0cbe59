/** What the node is made of: CPUs, cores, sockets, NUMA nodes, L3 caches and memory, read from sysfs. */
@NullMarked
package io.podslice.cgroups.machine;

import org.jspecify.annotations.NullMarked;
