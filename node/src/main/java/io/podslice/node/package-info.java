/**
 * The brain's face: what the doors ask and are answered, what the node API shows, and what a program must give. Values
 * and interfaces only; the rooms below it are the brain's own, and other modules use {@code node.brain} beside it.
 */
@NullMarked
package io.podslice.node;

import org.jspecify.annotations.NullMarked;
