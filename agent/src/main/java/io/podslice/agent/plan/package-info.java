/** {@code podslice plan}: the placement of pods on a machine, computed without touching one. */
@NullMarked
package io.podslice.agent.plan;

import org.jspecify.annotations.NullMarked;
