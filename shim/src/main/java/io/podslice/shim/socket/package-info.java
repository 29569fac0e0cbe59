/** Sockets that podslice listens on, and the users that may connect to them. */
@NullMarked
package io.podslice.shim.socket;

import org.jspecify.annotations.NullMarked;
