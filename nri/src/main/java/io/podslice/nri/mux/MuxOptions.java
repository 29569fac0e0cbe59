package io.podslice.nri.mux;

import java.time.Duration;

/**
 * Limits of a multiplexer.
 *
 * @param maxFrame longest payload of a frame that is taken from the other end, in bytes; a longer one is damage. NRI up
 *     to 0.6.1 writes up to 16 MiB in one, later ones 4 MiB and 10 bytes.
 * @param queued bytes that one connection holds before the trunk is read no further, at least one chunk
 * @param patience how long the rest of a frame header, or room in the socket for what is written, may be waited for
 */
public record MuxOptions(int maxFrame, int queued, Duration patience) {

    /** Fits every version of NRI. */
    public static final MuxOptions DEFAULT = new MuxOptions((16 << 20) + 10, 256 << 10, Duration.ofSeconds(30));
}
