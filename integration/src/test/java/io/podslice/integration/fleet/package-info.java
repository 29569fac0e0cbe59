/** A whole cluster, read from the double of its API server. */
@NullMarked
package io.podslice.integration.fleet;

import org.jspecify.annotations.NullMarked;
