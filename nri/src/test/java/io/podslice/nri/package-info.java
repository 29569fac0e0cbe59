@NullMarked
package io.podslice.nri;

import org.jspecify.annotations.NullMarked;
