@NullMarked
package io.podslice.node.sync;

import org.jspecify.annotations.NullMarked;
