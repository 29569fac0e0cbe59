/** The topology manager: on which NUMA nodes all resources of a pod or container can lie together. */
@NullMarked
package io.podslice.managers.topology;

import org.jspecify.annotations.NullMarked;
