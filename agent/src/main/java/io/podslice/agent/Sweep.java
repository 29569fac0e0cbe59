package io.podslice.agent;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sweeps the node at an interval, for as long as the process lives: a sweep that fails is logged, and the next one comes. An
 * Error ends the thread, and with it the process.
 */
final class Sweep implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Sweep.class);

    private final Runnable sweep;
    private final Runnable recheck;
    private final Duration pause;
    private volatile boolean closed;

    /** Has a permit while the thread must not wait: a recheck is asked for, or the end. */
    private final Semaphore wakes = new Semaphore(0);

    /** The time by {@link System#nanoTime} at which a sweep began or ended last. */
    private volatile long sign = System.nanoTime();

    private Sweep(Runnable sweep, Runnable recheck, Duration pause) {
        this.sweep = sweep;
        this.recheck = recheck;
        this.pause = pause;
    }

    /**
     * Starts to sweep.
     *
     * @param recheck a sweep that looks at everything, in place of the next sweep when {@link #recheckSoon} asks for it
     * @param pause between the end of a sweep and the next one, and before the first
     */
    static Sweep start(Runnable sweep, Runnable recheck, Duration pause) {
        Sweep started = new Sweep(sweep, recheck, pause);
        Thread.ofPlatform().daemon().name("sweep").start(started::run);
        return started;
    }

    private void run() {
        try {
            while (true) {
                boolean woken = wakes.tryAcquire(pause.toNanos(), TimeUnit.NANOSECONDS);
                if (closed) {
                    return;
                }
                wakes.drainPermits();
                sign = System.nanoTime();
                try {
                    (woken ? recheck : sweep).run();
                } catch (RuntimeException e) {
                    LOG.error("the sweep failed, and the next comes in {} s: {}", pause.toSeconds(), e.toString(), e);
                }
                sign = System.nanoTime();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // as good as closed
        }
    }

    /** Begins a recheck at once, or when the present sweep has ended; many requests meanwhile are one. */
    void recheckSoon() {
        wakes.release();
    }

    /** Tells if a sweep has begun or ended within that time and the pause between two. */
    boolean lives(Duration within) {
        return System.nanoTime() - sign < within.plus(pause).toNanos();
    }

    /** Sweeps no more. A sweep that has begun comes to its end: an interrupt would break off what it writes. */
    @Override
    public void close() {
        closed = true;
        wakes.release();
    }
}
