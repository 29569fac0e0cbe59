/** {@code podslice doctor}: what was read of a node, and the checks that judge it. */
@NullMarked
package io.podslice.agent.doctor;

import org.jspecify.annotations.NullMarked;
