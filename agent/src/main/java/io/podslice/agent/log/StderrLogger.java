package io.podslice.agent.log;

import io.podslice.managers.pod.Printable;
import java.io.PrintStream;
import java.io.Serial;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.AbstractLogger;
import org.slf4j.helpers.MessageFormatter;

/**
 * A logger that writes each record to a stream in one go. A record's text is one line in which nothing can pass for another
 * record or for a command to the terminal, whatever a tenant has written of it.
 */
final class StderrLogger extends AbstractLogger {
    @Serial
    private static final long serialVersionUID = 1L;

    private final transient PrintStream out;
    private final transient LogFormat format;
    private final Level threshold;

    StderrLogger(String name, PrintStream out, LogFormat format, Level threshold) {
        this.name = name;
        this.out = out;
        this.format = format;
        this.threshold = threshold;
    }

    @Override
    protected void handleNormalizedLoggingCall(
            Level level,
            @Nullable Marker marker,
            String message,
            @Nullable Object @Nullable [] arguments,
            @Nullable Throwable failure) {
        String text = Printable.of(MessageFormatter.basicArrayFormat(message, arguments));
        out.print(format.format(level, name, text, failure));
    }

    @Override
    protected @Nullable String getFullyQualifiedCallerName() {
        return null;
    }

    private boolean logs(Level level) {
        return level.toInt() >= threshold.toInt();
    }

    @Override
    public boolean isTraceEnabled() {
        return logs(Level.TRACE);
    }

    @Override
    public boolean isTraceEnabled(Marker marker) {
        return logs(Level.TRACE);
    }

    @Override
    public boolean isDebugEnabled() {
        return logs(Level.DEBUG);
    }

    @Override
    public boolean isDebugEnabled(Marker marker) {
        return logs(Level.DEBUG);
    }

    @Override
    public boolean isInfoEnabled() {
        return logs(Level.INFO);
    }

    @Override
    public boolean isInfoEnabled(Marker marker) {
        return logs(Level.INFO);
    }

    @Override
    public boolean isWarnEnabled() {
        return logs(Level.WARN);
    }

    @Override
    public boolean isWarnEnabled(Marker marker) {
        return logs(Level.WARN);
    }

    @Override
    public boolean isErrorEnabled() {
        return logs(Level.ERROR);
    }

    @Override
    public boolean isErrorEnabled(Marker marker) {
        return logs(Level.ERROR);
    }
}
