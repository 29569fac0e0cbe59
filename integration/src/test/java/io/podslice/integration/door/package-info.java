/** The real brain behind the real door, between a simulated kubelet and a simulated runtime. */
@NullMarked
package io.podslice.integration.door;

import org.jspecify.annotations.NullMarked;
