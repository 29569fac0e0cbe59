@NullMarked
package io.podslice.nri.ttrpc;

import org.jspecify.annotations.NullMarked;
