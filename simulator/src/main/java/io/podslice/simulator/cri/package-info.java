/** CRI as a client speaks it: a small client for one socket, and the JSON files that crictl reads. */
@NullMarked
package io.podslice.simulator.cri;

import org.jspecify.annotations.NullMarked;
