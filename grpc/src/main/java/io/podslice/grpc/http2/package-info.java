/**
 * The wire: as much of HTTP/2 (RFC 9113), HPACK (RFC 7541) and gRPC's message framing as is needed between two
 * peers that speak them. Values and pure functions; no sockets, no threads.
 */
@NullMarked
package io.podslice.grpc.http2;

import org.jspecify.annotations.NullMarked;
