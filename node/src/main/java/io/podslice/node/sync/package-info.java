/** What the runtime and the cgroups have, compared with the state and taken in. */
@NullMarked
package io.podslice.node.sync;

import org.jspecify.annotations.NullMarked;
