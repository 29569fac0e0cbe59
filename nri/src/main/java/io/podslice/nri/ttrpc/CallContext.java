package io.podslice.nri.ttrpc;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * The parts of a request beside its message.
 *
 * @param deadline the time at which the caller stops waiting, by {@link System#nanoTime}; empty if it waits for ever
 * @param metadata the caller's metadata, such as W3C trace context
 */
public record CallContext(OptionalLong deadline, Map<String, List<String>> metadata) {

    /** Returns the time left until the deadline, not below zero; {@code otherwise} if there is no deadline. */
    public Duration left(Duration otherwise) {
        return deadline.isEmpty() ? otherwise : Duration.ofNanos(Math.max(0, deadline.getAsLong() - System.nanoTime()));
    }
}
