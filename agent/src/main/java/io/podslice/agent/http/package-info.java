/**
 * A small server of HTTP/1 for the few pages that podslice serves: one request a connection, with bounds on all that a client can
 * make it take, on a TCP port or a Unix socket.
 */
@NullMarked
package io.podslice.agent.http;

import org.jspecify.annotations.NullMarked;
