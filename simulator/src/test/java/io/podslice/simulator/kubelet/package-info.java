@NullMarked
package io.podslice.simulator.kubelet;

import org.jspecify.annotations.NullMarked;
