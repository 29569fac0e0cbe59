/** The kubelet's PodResources API: the devices that it has assigned to pods. */
@NullMarked
package io.podslice.cluster.podresources;

import org.jspecify.annotations.NullMarked;
