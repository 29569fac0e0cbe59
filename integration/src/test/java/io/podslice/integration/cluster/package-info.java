/** podslice on a simulated node whose pods are described by the cluster, from end to end. */
@NullMarked
package io.podslice.integration.cluster;

import org.jspecify.annotations.NullMarked;
