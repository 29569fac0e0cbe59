@NullMarked
package io.podslice.node.pool;

import org.jspecify.annotations.NullMarked;
