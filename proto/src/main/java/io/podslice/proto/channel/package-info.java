/** Unix sockets as Netty channels, for every module that speaks the contracts over gRPC. */
@NullMarked
package io.podslice.proto.channel;

import org.jspecify.annotations.NullMarked;
