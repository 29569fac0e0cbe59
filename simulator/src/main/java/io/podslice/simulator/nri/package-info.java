/** The runtime's end of NRI, for tests and benchmarks of the plugin. */
@NullMarked
package io.podslice.simulator.nri;

import org.jspecify.annotations.NullMarked;
