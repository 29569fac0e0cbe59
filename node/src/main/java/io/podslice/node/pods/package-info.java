/** A pod's life: admission, its containers, and its end. */
@NullMarked
package io.podslice.node.pods;

import org.jspecify.annotations.NullMarked;
