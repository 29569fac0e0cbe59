/** The CRI door: listens where the kubelet expects a runtime, taps what goes by, and asks the node's brain. */
@NullMarked
package io.podslice.shim;

import org.jspecify.annotations.NullMarked;
