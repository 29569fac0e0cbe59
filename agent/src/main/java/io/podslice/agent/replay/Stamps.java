package io.podslice.agent.replay;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;

/** Writes times in a zone, to the millisecond, in a form that {@link Moment} reads. */
public final class Stamps {
    private final DateTimeFormatter form;

    /** @param zone of the times */
    public Stamps(ZoneId zone) {
        this.form = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSXXX").withZone(zone);
    }

    /** Returns a time, e.g. {@code 2026-11-30T03:12:05.123Z}. */
    public String text(Instant time) {
        try {
            return form.format(time);
        } catch (DateTimeException e) {
            return time.toString(); // hundreds of millions of years off
        }
    }
}
