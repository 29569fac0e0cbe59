package io.podslice.node;

import java.time.Instant;

/**
 * The health of a source of pods' specs.
 *
 * @param source the source
 * @param ready true if it would answer now: its last answer was none of its failures, and its watch, if it has one, is
 *     complete
 * @param detail its last failure, or what it waits for; empty while all is well
 * @param since the time from which on it has been so
 * @param pods number of pods that it holds
 * @param found number of lookups since podslice started that found their pod here
 * @param missed number of lookups since then that did not
 * @param failures number of failures since then: broken watches, calls that were not answered
 */
public record SourceHealth(
        SpecSource source,
        boolean ready,
        String detail,
        Instant since,
        int pods,
        long found,
        long missed,
        long failures) {}
