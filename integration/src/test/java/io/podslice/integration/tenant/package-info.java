/** A tenant against the node: whatever it writes into annotations, podslice answers in time, and no other pod is harmed. */
@NullMarked
package io.podslice.integration.tenant;

import org.jspecify.annotations.NullMarked;
