package io.podslice.agent.replay;

import java.time.Instant;
import java.util.Optional;

/**
 * A time in which a CPU had one owner.
 *
 * @param from the time of the change that gave it to the owner
 * @param fromRevision the revision of that change
 * @param to the time of the change that took it; empty if the recording has none
 * @param toRevision the revision of that change; 0 if the recording has none
 */
public record CpuSpan(CpuOwner owner, Instant from, long fromRevision, Optional<Instant> to, long toRevision) {

    /** Tells if a moment is in this span; a time may be in several where the clock was set back. */
    boolean has(Moment moment) {
        return switch (moment) {
            case Moment.Latest() -> to.isEmpty();
            case Moment.AtRevision(long revision) ->
                fromRevision <= revision && (to.isEmpty() || toRevision > revision || toRevision < fromRevision);
            case Moment.AtTime(Instant time) ->
                !from.isAfter(time)
                        && (to.isEmpty() || to.get().isAfter(time) || to.get().isBefore(from));
        };
    }
}
