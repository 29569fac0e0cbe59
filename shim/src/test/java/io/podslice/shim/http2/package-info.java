@NullMarked
package io.podslice.shim.http2;

import org.jspecify.annotations.NullMarked;
