@NullMarked
package io.podslice.cluster.apiserver;

import org.jspecify.annotations.NullMarked;
