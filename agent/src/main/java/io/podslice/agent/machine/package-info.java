/** Machines for commands that decide without touching one: this one, a copy of a sysfs, or a small JSON file. */
@NullMarked
package io.podslice.agent.machine;

import org.jspecify.annotations.NullMarked;
