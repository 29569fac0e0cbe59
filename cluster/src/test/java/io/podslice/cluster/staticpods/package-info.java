@NullMarked
package io.podslice.cluster.staticpods;

import org.jspecify.annotations.NullMarked;
