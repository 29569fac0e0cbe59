@NullMarked
package io.podslice.simulator.kernel;

import org.jspecify.annotations.NullMarked;
