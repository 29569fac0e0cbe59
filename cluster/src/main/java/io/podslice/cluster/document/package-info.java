/** JSON and YAML of other programs, read as bounded trees; keys that podslice does not know are no mistake. */
@NullMarked
package io.podslice.cluster.document;

import org.jspecify.annotations.NullMarked;
