/**
 * The runtime as its client sees it: podslice's own connections and calls to it, past every tap. Calls that repeat a
 * client's, lists of what the runtime has, and a watch over when it begins to serve.
 */
@NullMarked
package io.podslice.shim.runtime;

import org.jspecify.annotations.NullMarked;
