/** A gRPC server on a Unix socket that can die and listen again, as the servers of a node do. */
@NullMarked
package io.podslice.simulator.socket;

import org.jspecify.annotations.NullMarked;
