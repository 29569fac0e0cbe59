/** The node API, podslice.v1 over gRPC on a Unix socket: its server, its client, and the metrics for Prometheus. */
@NullMarked
package io.podslice.agent.api;

import org.jspecify.annotations.NullMarked;
