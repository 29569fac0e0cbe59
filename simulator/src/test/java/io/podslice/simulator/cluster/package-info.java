@NullMarked
package io.podslice.simulator.cluster;

import org.jspecify.annotations.NullMarked;
