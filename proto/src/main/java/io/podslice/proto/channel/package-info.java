/** Unix sockets as Netty channels, for whichever module speaks the contracts over gRPC. */
@NullMarked
package io.podslice.proto.channel;

import org.jspecify.annotations.NullMarked;
