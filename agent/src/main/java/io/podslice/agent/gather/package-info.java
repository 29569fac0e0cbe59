/** {@code podslice gather}: what a maintainer needs of a node, in one archive of bounded size, without secrets. */
@NullMarked
package io.podslice.agent.gather;

import org.jspecify.annotations.NullMarked;
