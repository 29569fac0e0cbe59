/** Parts of a collection of objects, as the API server cuts it for several readers (KEP-5866). */
@NullMarked
package io.podslice.cluster.shard;

import org.jspecify.annotations.NullMarked;
