/** The APIs that a kubelet serves on Unix sockets: its pods, and the devices that it has assigned to them. */
@NullMarked
package io.podslice.simulator.kubeletapi;

import org.jspecify.annotations.NullMarked;
