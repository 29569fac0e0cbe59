@NullMarked
package io.podslice.shim.runtime;

import org.jspecify.annotations.NullMarked;
