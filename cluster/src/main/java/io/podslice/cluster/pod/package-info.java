/** Pods as Kubernetes encodes them, read into podslice's values. */
@NullMarked
package io.podslice.cluster.pod;

import org.jspecify.annotations.NullMarked;
