@NullMarked
package io.podslice.node.state;

import org.jspecify.annotations.NullMarked;
