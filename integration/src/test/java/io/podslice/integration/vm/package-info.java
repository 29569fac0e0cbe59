/** A real kernel, containerd and podslice in a VM. */
@NullMarked
package io.podslice.integration.vm;

import org.jspecify.annotations.NullMarked;
