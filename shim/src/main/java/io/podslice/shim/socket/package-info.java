/** Sockets that podslice listens on, and who may connect to them. */
@NullMarked
package io.podslice.shim.socket;

import org.jspecify.annotations.NullMarked;
