/**
 * The recording of a node's changes, for {@code podslice replay}. A {@link io.podslice.agent.record.Recorder} follows the brain's
 * revisions on a thread of its own, as the node API's watchers do, and never on the path of a call. {@link
 * io.podslice.agent.record.NodeChanges} tells each view as the difference to the one before; {@link io.podslice.agent.record.Incidents}
 * gathers what the state does not keep; {@link io.podslice.agent.record.Ring} keeps both in segments of files, whose sum is bounded;
 * {@link io.podslice.agent.record.SegmentForm} is the form of a segment. Without {@code api.record.dir} no class of this package is loaded.
 */
@NullMarked
package io.podslice.agent.record;

import org.jspecify.annotations.NullMarked;
