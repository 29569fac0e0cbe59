@NullMarked
package io.podslice.simulator.kubeletapi;

import org.jspecify.annotations.NullMarked;
