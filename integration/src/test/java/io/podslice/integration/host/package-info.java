/** The shim in front of a real containerd on this machine. */
@NullMarked
package io.podslice.integration.host;

import org.jspecify.annotations.NullMarked;
