/**
 * Reads recordings and answers {@code podslice replay}. A {@link io.podslice.agent.replay.Recording} is read entry by entry, each with its
 * {@link io.podslice.agent.replay.Place}; {@link io.podslice.agent.replay.RecordedNode} is the node as the entries so far tell it, and says
 * what each one changes. {@link io.podslice.agent.replay.MomentSearch} finds the state of a moment, {@link
 * io.podslice.agent.replay.CpuHistory} the owners of one CPU, {@link io.podslice.agent.replay.Timeline} all that happened. A file may be
 * damaged, torn or hostile: memory is bounded by the form's limits, and what cannot be read is told with file and byte.
 */
@NullMarked
package io.podslice.agent.replay;

import org.jspecify.annotations.NullMarked;
