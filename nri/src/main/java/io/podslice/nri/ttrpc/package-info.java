/**
 * ttrpc, containerd's RPC, over a multiplexed connection: unary calls, both as server and as client. A message is a
 * header of ten bytes (length, stream id, type, flags) and a protocol message.
 */
@NullMarked
package io.podslice.nri.ttrpc;

import org.jspecify.annotations.NullMarked;
