/** {@code podslice plan}: what would become of pods on a machine, without touching one. */
@NullMarked
package io.podslice.agent.plan;

import org.jspecify.annotations.NullMarked;
