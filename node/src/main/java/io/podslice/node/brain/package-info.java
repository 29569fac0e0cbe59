/** The brain: one state and one lock, wired from the packages below, and the views of it for other modules. */
@NullMarked
package io.podslice.node.brain;

import org.jspecify.annotations.NullMarked;
