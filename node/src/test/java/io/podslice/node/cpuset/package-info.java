@NullMarked
package io.podslice.node.cpuset;

import org.jspecify.annotations.NullMarked;
