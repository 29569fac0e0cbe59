@NullMarked
package io.podslice.grpc.http2;

import org.jspecify.annotations.NullMarked;
