/** The brain, and the promise about time that stands between it and the doors. */
@NullMarked
package io.podslice.node.brain;

import org.jspecify.annotations.NullMarked;
