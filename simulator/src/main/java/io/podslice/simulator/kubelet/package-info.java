/**
 * What a kubelet does to a node for a pod, as far as cgroups and CRI see it. Its formulas are written down here once
 * more, apart from podslice's own, so that each checks the other.
 */
@NullMarked
package io.podslice.simulator.kubelet;

import org.jspecify.annotations.NullMarked;
