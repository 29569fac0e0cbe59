@NullMarked
package io.podslice.node.brain;

import org.jspecify.annotations.NullMarked;
