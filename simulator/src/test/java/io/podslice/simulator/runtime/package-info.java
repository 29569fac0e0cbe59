@NullMarked
package io.podslice.simulator.runtime;

import org.jspecify.annotations.NullMarked;
