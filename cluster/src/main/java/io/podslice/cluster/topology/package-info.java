/** NodeResourceTopology objects at the API server. */
@NullMarked
package io.podslice.cluster.topology;

import org.jspecify.annotations.NullMarked;
