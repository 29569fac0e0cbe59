/** Refused pods that are made to fail in the cluster, so that their controllers make them elsewhere. */
@NullMarked
package io.podslice.cluster.refused;

import org.jspecify.annotations.NullMarked;
