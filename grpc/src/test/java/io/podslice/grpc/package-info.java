@NullMarked
package io.podslice.grpc;

import org.jspecify.annotations.NullMarked;
