/**
 * NRI's multiplexer: several byte streams over one Unix socket. A frame is a connection's id and a length, each four
 * bytes in network order, and that many bytes; there is no handshake and no window. Knows nothing of the streams'
 * contents.
 */
@NullMarked
package io.podslice.nri.mux;

import org.jspecify.annotations.NullMarked;
