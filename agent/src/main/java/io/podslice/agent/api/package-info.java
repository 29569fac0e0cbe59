/** The node API, podslice.v1 over gRPC on a Unix socket: its server and its client. */
@NullMarked
package io.podslice.agent.api;

import org.jspecify.annotations.NullMarked;
