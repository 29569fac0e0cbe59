package io.podslice.agent.log;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Map;
import java.util.TimeZone;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.ILoggerFactory;
import org.slf4j.IMarkerFactory;
import org.slf4j.Logger;
import org.slf4j.event.Level;
import org.slf4j.helpers.BasicMarkerFactory;
import org.slf4j.helpers.NOPMDCAdapter;
import org.slf4j.spi.MDCAdapter;
import org.slf4j.spi.SLF4JServiceProvider;

/**
 * Connects SLF4J to standard error. The environment variable {@code PODSLICE_LOG} sets the lowest level that is
 * written: trace, debug, info (the default), warn or error.
 */
public final class LogProvider implements SLF4JServiceProvider {
    private final IMarkerFactory markers = new BasicMarkerFactory();
    private final MDCAdapter context = new NOPMDCAdapter();
    private final Map<String, Logger> loggers = new ConcurrentHashMap<>();

    @SuppressWarnings("NullAway.Init") // SLF4J calls initialize() before anything else
    private ILoggerFactory factory;

    @Override
    public void initialize() {
        LogFormat format = journalReadsStderr(System.getenv("JOURNAL_STREAM"))
                ? new LogFormat.Journal()
                : new LogFormat.Plain(InstantSource.system(), TimeZone.getDefault());
        Level threshold = level(System.getenv("PODSLICE_LOG"));
        factory = name -> loggers.computeIfAbsent(name, each -> new StderrLogger(each, System.err, format, threshold));
    }

    /**
     * Tells if journald reads standard error; by systemd.exec(5), JOURNAL_STREAM is DEVICE:INODE of what standard
     * output or error was when the unit started.
     */
    private static boolean journalReadsStderr(@Nullable String journalStream) {
        if (journalStream == null) {
            return false;
        }
        try {
            Map<String, Object> stderr = Files.readAttributes(Path.of("/proc/self/fd/2"), "unix:dev,ino");
            return journalStream.equals(stderr.get("dev") + ":" + stderr.get("ino"));
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Reads a level's name; an unknown name gives the default, since a level that cannot be read must not stop a start.
     */
    static Level level(@Nullable String name) {
        for (Level level : Level.values()) {
            if (name != null && level.name().equals(name.toUpperCase(Locale.ROOT))) {
                return level;
            }
        }
        return Level.INFO;
    }

    @Override
    public ILoggerFactory getLoggerFactory() {
        return factory;
    }

    @Override
    public IMarkerFactory getMarkerFactory() {
        return markers;
    }

    @Override
    public MDCAdapter getMDCAdapter() {
        return context;
    }

    @Override
    public String getRequestedApiVersion() {
        return "2.0.99"; // SLF4J's way to request any version of 2.0.
    }
}
