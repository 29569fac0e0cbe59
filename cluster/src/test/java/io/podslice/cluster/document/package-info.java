@NullMarked
package io.podslice.cluster.document;

import org.jspecify.annotations.NullMarked;
