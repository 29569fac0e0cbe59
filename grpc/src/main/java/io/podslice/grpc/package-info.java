/**
 * A gRPC client over a Unix socket, without a library: {@link io.podslice.grpc.UnixSocket} connects,
 * {@link io.podslice.grpc.GrpcCall} makes one call on a connection of its own, unary or with a stream of replies. Errors name
 * the server as its user does.
 */
@NullMarked
package io.podslice.grpc;

import org.jspecify.annotations.NullMarked;
