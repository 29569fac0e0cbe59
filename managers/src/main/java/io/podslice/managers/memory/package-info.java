/** The memory manager, policy Static: from which NUMA nodes a pod and its containers get memory and huge pages. */
@NullMarked
package io.podslice.managers.memory;

import org.jspecify.annotations.NullMarked;
