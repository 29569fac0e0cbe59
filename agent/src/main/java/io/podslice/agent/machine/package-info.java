/** Machines for commands that decide without touching one: this one, a copy of a sysfs, a small JSON file, or hwloc's XML. */
@NullMarked
package io.podslice.agent.machine;

import org.jspecify.annotations.NullMarked;
