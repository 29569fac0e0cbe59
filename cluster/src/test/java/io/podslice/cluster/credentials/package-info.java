@NullMarked
package io.podslice.cluster.credentials;

import org.jspecify.annotations.NullMarked;
