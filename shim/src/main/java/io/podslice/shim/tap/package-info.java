/**
 * A tap on an HTTP/2 connection between a gRPC client and a gRPC server. Bytes flow straight through; calls of the
 * methods that it was given are held, rewritten, answered or observed. It knows nothing of any service.
 */
@NullMarked
package io.podslice.shim.tap;

import org.jspecify.annotations.NullMarked;
