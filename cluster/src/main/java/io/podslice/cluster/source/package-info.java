/** The one order of the sources of pods' specs, and the health of each. */
@NullMarked
package io.podslice.cluster.source;

import org.jspecify.annotations.NullMarked;
