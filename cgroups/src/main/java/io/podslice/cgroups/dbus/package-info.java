/**
 * The wire of D-Bus and a client's connection, over a Unix socket: SASL EXTERNAL, messages, values, signals. As much of
 * the D-Bus Specification 0.43 as a client needs that calls methods; file descriptors are not passed. What a peer sends
 * is bounded in time and memory.
 */
@NullMarked
package io.podslice.cgroups.dbus;

import org.jspecify.annotations.NullMarked;
