/** The nodes and pods of a whole cluster as tables, as JSON and as a map, and where a pod would fit. */
@NullMarked
package io.podslice.agent.fleet;

import org.jspecify.annotations.NullMarked;
