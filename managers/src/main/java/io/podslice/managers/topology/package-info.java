/** The topology manager: finds NUMA nodes that can serve all resources of a pod or container together. */
@NullMarked
package io.podslice.managers.topology;

import org.jspecify.annotations.NullMarked;
