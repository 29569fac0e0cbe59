@NullMarked
package io.podslice.node.memory;

import org.jspecify.annotations.NullMarked;
