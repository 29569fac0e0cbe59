/** The nodes and pods of a whole cluster, as the API server has them; read once, page by page, whole or a shard of them. */
@NullMarked
package io.podslice.cluster.fleet;

import org.jspecify.annotations.NullMarked;
