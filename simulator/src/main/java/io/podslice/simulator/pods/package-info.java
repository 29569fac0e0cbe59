/** Pods as a kubelet's pod manager keeps them, and as k8s.io core/v1 messages. */
@NullMarked
package io.podslice.simulator.pods;

import org.jspecify.annotations.NullMarked;
