package io.podslice.agent.log;

import io.podslice.managers.pod.Printable;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.TimeZone;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/** A way to write a log record: as one or more whole lines. */
sealed interface LogFormat {

    /** The record's text, with its final newline. */
    String format(Level level, String logger, String message, @Nullable Throwable failure);

    /** sd-daemon(3): each line begins with its priority in angle brackets; journald adds the time itself. */
    record Journal() implements LogFormat {
        @Override
        public String format(Level level, String logger, String message, @Nullable Throwable failure) {
            String prefix = switch (level) {
                case ERROR -> "<3>";
                case WARN -> "<4>";
                case INFO -> "<6>";
                case DEBUG, TRACE -> "<7>";
            };
            StringBuilder text = new StringBuilder();
            message.lines().forEach(line -> text.append(prefix).append(line).append('\n'));
            if (failure != null) {
                trace(failure)
                        .lines()
                        .forEach(line -> text.append(prefix).append(line).append('\n'));
            }
            return text.toString();
        }
    }

    /**
     * A format for people: local time, level, the class's simple name, message.
     *
     * @param clock seconds and milliseconds come from here
     * @param zone not a java.time.ZoneId, which looks for other providers of zones in every jar of the class path
     */
    record Plain(java.time.InstantSource clock, TimeZone zone) implements LogFormat {
        private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss.SSS");

        @Override
        public String format(Level level, String logger, String message, @Nullable Throwable failure) {
            Instant now = clock.instant();
            StringBuilder text = new StringBuilder();
            int offset = zone.getOffset(now.toEpochMilli()) / 1000;
            TIME.formatTo(now.atOffset(ZoneOffset.ofTotalSeconds(offset)), text);
            text.append(' ').append(level).append(level.toString().length() == 4 ? "  " : " ");
            text.append(logger, logger.lastIndexOf('.') + 1, logger.length());
            text.append(": ").append(message).append('\n');
            return failure == null
                    ? text.toString()
                    : text.append(trace(failure)).toString();
        }
    }

    /** Writes a stack trace as the JDK does, with messages made printable: each is one line. */
    private static String trace(Throwable failure) {
        StringBuilder text = new StringBuilder();
        trace(failure, "", "", new StackTraceElement[0], Collections.newSetFromMap(new IdentityHashMap<>()), text);
        return text.toString();
    }

    /**
     * Writes one exception, and then those that it suppressed and its cause.
     *
     * @param around the frames of the exception that this one belongs to: those that both end with are counted only
     */
    private static void trace(
            Throwable failure,
            String indent,
            String caption,
            StackTraceElement[] around,
            Set<Throwable> written,
            StringBuilder text) {
        text.append(indent)
                .append(caption)
                .append(Printable.of(failure.toString()))
                .append('\n');
        if (!written.add(failure)) {
            return;
        }
        StackTraceElement[] frames = failure.getStackTrace();
        int own = frames.length;
        for (int end = around.length; own > 0 && end > 0 && frames[own - 1].equals(around[end - 1]); end--) {
            own--;
        }
        for (int i = 0; i < own; i++) {
            text.append(indent).append("\tat ").append(frames[i]).append('\n');
        }
        if (own < frames.length) {
            text.append(indent).append("\t... ").append(frames.length - own).append(" more\n");
        }
        for (Throwable suppressed : failure.getSuppressed()) {
            trace(suppressed, indent + "\t", "Suppressed: ", frames, written, text);
        }
        if (failure.getCause() != null) {
            trace(failure.getCause(), indent, "Caused by: ", frames, written, text);
        }
    }
}
