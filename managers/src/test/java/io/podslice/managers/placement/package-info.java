@NullMarked
package io.podslice.managers.placement;

import org.jspecify.annotations.NullMarked;
