package io.podslice.nri.ttrpc;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * What came with a request beside its message.
 *
 * @param deadline when the caller stops waiting, by {@link System#nanoTime}; empty if it waits for ever
 * @param metadata such as W3C trace context
 */
public record CallContext(OptionalLong deadline, Map<String, List<String>> metadata) {

    /** What is left until the deadline, not below zero; {@code otherwise} if there is none. */
    public Duration left(Duration otherwise) {
        return deadline.isEmpty() ? otherwise : Duration.ofNanos(Math.max(0, deadline.getAsLong() - System.nanoTime()));
    }
}
