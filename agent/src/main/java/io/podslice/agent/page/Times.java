package io.podslice.agent.page;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** Writes times. */
final class Times {
    private static final DateTimeFormatter FORM =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss'Z'").withZone(ZoneOffset.UTC);

    private Times() {}

    /** Returns a moment as people read it, in UTC. */
    static String text(Instant moment) {
        return FORM.format(moment);
    }
}
