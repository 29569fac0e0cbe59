/** The memory manager, policy Static: assigns the memory and huge pages of pods and containers to NUMA nodes. */
@NullMarked
package io.podslice.managers.memory;

import org.jspecify.annotations.NullMarked;
