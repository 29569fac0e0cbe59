@NullMarked
package io.podslice.node.pods;

import org.jspecify.annotations.NullMarked;
