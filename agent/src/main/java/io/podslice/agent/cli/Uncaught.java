package io.podslice.agent.cli;

import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Handles what a thread throws and does not catch. An Error (no memory, no thread, a class that cannot be loaded) ends the
 * process at once, with one line on the log: what it has cost the other threads is not known, and a service that is
 * started again is better than one that lives by half. An exception costs only the thread that has thrown it, and is
 * logged.
 */
final class Uncaught implements Thread.UncaughtExceptionHandler {
    private static final Logger LOG = LoggerFactory.getLogger(Uncaught.class);

    /** The most causes that are looked at; causes may be a circle. */
    private static final int MOST_CAUSES = 16;

    private final IntConsumer end;

    /** @param end ends the process with that status, without running anything else of it */
    Uncaught(IntConsumer end) {
        this.end = end;
    }

    /** Handles what any thread of this process throws from now on. */
    static void handle() {
        Thread.setDefaultUncaughtExceptionHandler(
                new Uncaught(status -> Runtime.getRuntime().halt(status)));
    }

    @Override
    public void uncaughtException(Thread thread, Throwable thrown) {
        Error error = errorIn(thrown);
        if (error == null) {
            LOG.error("thread {}: {}", name(thread), thrown.toString(), thrown);
            return;
        }
        try {
            LOG.error("thread {}: {}{}; podslice ends at once, to be started again", name(thread), error, place(error));
        } finally {
            end.accept(ExitCode.ERROR);
        }
    }

    private static @Nullable Error errorIn(Throwable thrown) {
        Throwable next = thrown;
        for (int i = 0; next != null && i < MOST_CAUSES; i++) {
            if (next instanceof Error error) {
                return error;
            }
            next = next.getCause();
        }
        return null;
    }

    private static String name(Thread thread) {
        return thread.getName().isEmpty() ? "without a name" : thread.getName();
    }

    /** Returns the first place of podslice's own code that the Error came by; empty where there is none. */
    private static String place(Error error) {
        for (StackTraceElement element : error.getStackTrace()) {
            if (element.getClassName().startsWith("io.podslice.")) {
                return " at " + element;
            }
        }
        return "";
    }
}
