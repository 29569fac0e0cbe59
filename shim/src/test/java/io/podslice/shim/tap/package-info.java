@NullMarked
package io.podslice.shim.tap;

import org.jspecify.annotations.NullMarked;
