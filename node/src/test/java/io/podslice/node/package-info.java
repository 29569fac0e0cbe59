@NullMarked
package io.podslice.node;

import org.jspecify.annotations.NullMarked;
