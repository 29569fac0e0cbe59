/** The cluster's side of a simulated node: the kubelet's own APIs and files, its device plugins, and the API server. */
@NullMarked
package io.podslice.simulator.cluster;

import org.jspecify.annotations.NullMarked;
