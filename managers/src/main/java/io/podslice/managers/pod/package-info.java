/** The pod model: a pod's resources, its QoS class, and the cgroup values that follow, by the kubelet's formulas. */
@NullMarked
package io.podslice.managers.pod;

import org.jspecify.annotations.NullMarked;
