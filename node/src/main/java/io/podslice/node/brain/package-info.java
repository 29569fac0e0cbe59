/** The brain: one state and one lock, wired from the rooms below, and the views that others get of it. */
@NullMarked
package io.podslice.node.brain;

import org.jspecify.annotations.NullMarked;
