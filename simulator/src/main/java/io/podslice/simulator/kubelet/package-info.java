/**
 * A kubelet's work for a pod, as far as cgroups and CRI see it. Its formulas are written here apart from podslice's
 * own, so that each checks the other.
 */
@NullMarked
package io.podslice.simulator.kubelet;

import org.jspecify.annotations.NullMarked;
