package io.podslice.cgroups.systemd;

import io.podslice.cgroups.dbus.DBusException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Results of systemd's jobs on a connection, from its signals JobRemoved. A job can be finished before the answer has
 * come that names it, so results are collected from before the call on.
 */
final class JobResults {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Set<Watch> watches = new HashSet<>();
    private boolean lost;

    /** Collects the results of the jobs of one unit until it is closed. */
    final class Watch implements AutoCloseable {
        private final String unit;
        /** Results by the job's object path. */
        private final Map<String, String> results = new HashMap<>();

        private Watch(String unit) {
            this.unit = unit;
        }

        /**
         * Waits for a job's result, e.g. {@code done}, {@code failed}, {@code canceled}; an interrupt does not end the
         * wait.
         *
         * @throws DBusException if it does not come in time, or the connection is closed before
         */
        String await(String job, Duration timeout) throws DBusException {
            long left = timeout.toNanos();
            boolean interrupted = false;
            lock.lock();
            try {
                while (true) {
                    @Nullable String result = results.get(job);
                    if (result != null) {
                        return result;
                    }
                    if (lost) {
                        throw new DBusException(DBusException.DISCONNECTED, "closed before the job was finished");
                    }
                    if (left <= 0) {
                        throw new DBusException(
                                DBusException.NO_REPLY, "job not finished within " + timeout.toMillis() + " ms");
                    }
                    long begun = System.nanoTime();
                    try {
                        changed.awaitNanos(left);
                    } catch (InterruptedException e) {
                        interrupted = true;
                    }
                    left -= System.nanoTime() - begun;
                }
            } finally {
                lock.unlock();
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }

        @Override
        public void close() {
            lock.lock();
            try {
                watches.remove(this);
            } finally {
                lock.unlock();
            }
        }

        /** systemd answers calls one after another, so the jobs of one unit within one watch are few. */
        private void add(String job, String result) {
            results.put(job, result);
        }
    }

    /** Begins to collect the results of a unit's jobs. */
    Watch watch(String unit) {
        Watch watch = new Watch(unit);
        lock.lock();
        try {
            watches.add(watch);
        } finally {
            lock.unlock();
        }
        return watch;
    }

    /** Takes a job's result. */
    void removed(String job, String unit, String result) {
        lock.lock();
        try {
            for (Watch watch : watches) {
                if (watch.unit.equals(unit)) {
                    watch.add(job, result);
                }
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Lets all that wait fail, since no signal will come. */
    void lost() {
        lock.lock();
        try {
            lost = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
