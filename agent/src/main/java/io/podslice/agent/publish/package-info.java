/** {@code podslice publish}: the node's NodeResourceTopology object, made from the node API and applied at the API server. */
@NullMarked
package io.podslice.agent.publish;

import org.jspecify.annotations.NullMarked;
