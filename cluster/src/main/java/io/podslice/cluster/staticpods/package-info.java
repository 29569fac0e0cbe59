/** Static pods' manifests as a source of pods' specs. */
@NullMarked
package io.podslice.cluster.staticpods;

import org.jspecify.annotations.NullMarked;
