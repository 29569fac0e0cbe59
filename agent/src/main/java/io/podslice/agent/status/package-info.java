/** Writes the node API's answers, for people and for programs. */
@NullMarked
package io.podslice.agent.status;

import org.jspecify.annotations.NullMarked;
