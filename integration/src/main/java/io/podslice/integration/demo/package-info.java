/** {@code podslice demo}: the real shim and brain on a simulated node, shown and checked. */
@NullMarked
package io.podslice.integration.demo;

import org.jspecify.annotations.NullMarked;
