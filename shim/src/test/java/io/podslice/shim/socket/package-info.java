/** Tests of listening sockets. */
@NullMarked
package io.podslice.shim.socket;

import org.jspecify.annotations.NullMarked;
