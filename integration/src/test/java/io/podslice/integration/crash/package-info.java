/** podslice killed, and the kernel, the disk and the runtime failing, at every step of every plan. */
@NullMarked
package io.podslice.integration.crash;

import org.jspecify.annotations.NullMarked;
