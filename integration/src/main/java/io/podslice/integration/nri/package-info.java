/** The runtime's end of NRI, for tests and benchmarks of the plugin. */
@NullMarked
package io.podslice.integration.nri;

import org.jspecify.annotations.NullMarked;
