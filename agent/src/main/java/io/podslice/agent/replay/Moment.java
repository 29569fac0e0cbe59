package io.podslice.agent.replay;

import io.podslice.agent.yaml.DocumentException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;

/** The moment of which a recording is asked. */
public sealed interface Moment {

    /** The last state that was recorded. */
    record Latest() implements Moment {}

    /** The state at a time by the wall clock. */
    record AtTime(Instant time) implements Moment {}

    /** The state at a revision: the last that was recorded up to it. */
    record AtRevision(long revision) implements Moment {}

    /**
     * Reads a revision or a time.
     *
     * @param option the option's name, for messages
     * @param now the present: a time of the day is the last one that has been; a time without a zone is of its zone
     */
    static Moment parse(String option, String text, ZonedDateTime now) throws DocumentException {
        if (text.matches("[0-9]{1,18}")) {
            return new AtRevision(Long.parseLong(text));
        }
        return new AtTime(time(option, text, now, "a revision, or a time: "));
    }

    /** Reads a time, as {@link #parse} does. */
    public static Instant time(String option, String text, ZonedDateTime now) throws DocumentException {
        return time(option, text, now, "a time: ");
    }

    private static Instant time(String option, String text, ZonedDateTime now, String what) throws DocumentException {
        String iso = text.replace(' ', 'T');
        try {
            if (iso.matches("[0-9]{1,2}:.*")) {
                LocalTime time = LocalTime.parse(iso.indexOf(':') == 1 ? "0" + iso : iso);
                ZonedDateTime today = now.with(time);
                return (today.isAfter(now) ? today.minusDays(1) : today).toInstant();
            }
            if (iso.matches("[0-9-]+")) {
                return LocalDate.parse(iso).atStartOfDay(now.getZone()).toInstant();
            }
            return iso.matches(".*T.*(Z|[+-][0-9:]+)")
                    ? OffsetDateTime.parse(iso).toInstant()
                    : LocalDateTime.parse(iso).atZone(now.getZone()).toInstant();
        } catch (DateTimeException e) {
            throw new DocumentException(option + " \"" + text + "\": must be " + what
                    + "03:12, 03:12:05, 2026-11-30, 2026-11-30T03:12 or 2026-11-30T03:12:05Z");
        }
    }
}
