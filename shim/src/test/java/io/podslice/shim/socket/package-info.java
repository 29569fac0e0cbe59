/** Tests of the sockets that podslice listens on. */
@NullMarked
package io.podslice.shim.socket;

import org.jspecify.annotations.NullMarked;
