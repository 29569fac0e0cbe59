/** Encoded protobuf, read where it lies: no peer can make it cost more than its bytes. */
@NullMarked
package io.podslice.cluster.wire;

import org.jspecify.annotations.NullMarked;
