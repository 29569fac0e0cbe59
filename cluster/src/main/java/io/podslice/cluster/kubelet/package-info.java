/** Calls to the services that the kubelet has on Unix sockets. */
@NullMarked
package io.podslice.cluster.kubelet;

import org.jspecify.annotations.NullMarked;
