@NullMarked
package io.podslice.node.drift;

import org.jspecify.annotations.NullMarked;
