@NullMarked
package io.podslice.nri.mux;

import org.jspecify.annotations.NullMarked;
