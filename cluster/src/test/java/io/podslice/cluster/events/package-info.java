@NullMarked
package io.podslice.cluster.events;

import org.jspecify.annotations.NullMarked;
