@NullMarked
package io.podslice.cluster.refused;

import org.jspecify.annotations.NullMarked;
