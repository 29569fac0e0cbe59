/** The NRI door: a plugin of the container runtime that asks the brain about every pod and container. */
@NullMarked
package io.podslice.nri;

import org.jspecify.annotations.NullMarked;
