package io.podslice.agent;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the service manager that podslice lives, as long as each of its parts gives a sign of life; without that the
 * manager ends the process and starts it again (systemd.service(5), WatchdogSec). Errors end the process by themselves: this is
 * for what hangs.
 */
public final class Watchdog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Watchdog.class);

    /** Signs of life in one period, so that a late one is none too few. */
    private static final int SIGNS = 4;

    private final List<Part> parts;
    private final Duration period;
    private final Runnable alive;
    private final CountDownLatch closing = new CountDownLatch(1);
    private boolean missing;

    /**
     * A part without which podslice is not alive.
     *
     * @param name for the log
     * @param lives tells if it has given a sign of life within a time; one that blocks gives none
     */
    public record Part(String name, Predicate<Duration> lives) {}

    private Watchdog(List<Part> parts, Duration period, Runnable alive) {
        this.parts = List.copyOf(parts);
        this.period = period;
        this.alive = alive;
    }

    /**
     * Starts to look at the parts, four times in a period.
     *
     * @param period the time without a sign after which the manager ends the process
     * @param alive tells the manager
     */
    public static Watchdog start(List<Part> parts, Duration period, Runnable alive) {
        Watchdog started = new Watchdog(parts, period, alive);
        Thread.ofPlatform().daemon().name("watchdog").start(started::run);
        return started;
    }

    private void run() {
        try {
            do {
                look();
            } while (!closing.await(period.toNanos() / SIGNS, TimeUnit.NANOSECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // as good as closed
        }
    }

    private void look() {
        for (Part part : parts) {
            if (!lives(part)) {
                if (!missing) {
                    LOG.error(
                            "{} has given no sign of life for {} s: the service manager is not told that podslice lives,"
                                    + " and starts it again",
                            part.name(),
                            period.toSeconds());
                }
                missing = true;
                return;
            }
        }
        missing = false;
        alive.run();
    }

    private boolean lives(Part part) {
        try {
            return part.lives().test(period);
        } catch (RuntimeException e) {
            LOG.error("{}: {}", part.name(), e.toString(), e);
            return false;
        }
    }

    /** Gives no more signs. */
    @Override
    public void close() {
        closing.countDown();
    }
}
