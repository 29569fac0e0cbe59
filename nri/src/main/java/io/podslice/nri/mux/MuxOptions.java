package io.podslice.nri.mux;

import java.time.Duration;

/**
 * Limits of a multiplexer.
 *
 * @param maxFrame longest payload of a frame that is accepted, in bytes; a longer one counts as damage. NRI up to 0.6.1
 *     writes up to 16 MiB in one frame, later versions 4 MiB and 10 bytes.
 * @param queued the number of unread bytes of one connection at which the trunk is read no further, at least one chunk
 * @param patience the longest wait for the rest of a frame, or for room in the socket while writing
 */
public record MuxOptions(int maxFrame, int queued, Duration patience) {

    /** Limits that fit every version of NRI. */
    public static final MuxOptions DEFAULT = new MuxOptions((16 << 20) + 10, 256 << 10, Duration.ofSeconds(30));
}
