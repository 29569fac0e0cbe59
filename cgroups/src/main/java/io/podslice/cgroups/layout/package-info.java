/**
 * Names of pods' cgroups: where the kubelet and the runtime make the cgroups of QoS classes, pods and containers under
 * each cgroup driver. Names only, without I/O.
 */
@NullMarked
package io.podslice.cgroups.layout;

import org.jspecify.annotations.NullMarked;
