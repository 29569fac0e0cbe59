/** The real brain behind the real door, between a kubelet and a runtime that are simulated. */
@NullMarked
package io.podslice.integration.door;

import org.jspecify.annotations.NullMarked;
