package io.podslice.cgroups.systemd;

import io.podslice.cgroups.dbus.DBusException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps a connection to systemd's manager open: one thread that connects, waits until it is closed, and begins again. */
final class ConnectionKeeper implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ConnectionKeeper.class);
    /** A connection that lasted that long was no failure of connecting. */
    private static final long LASTING_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final List<SystemdDoor> doors;
    private final BusLimits limits;
    private final EventRelay relay;
    private final Thread thread;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private @Nullable ManagerConnection current;
    private boolean closed;
    private long lostAt = System.nanoTime();
    private String problem = "not connected yet";

    ConnectionKeeper(List<SystemdDoor> doors, BusLimits limits, EventRelay relay) {
        this.doors = List.copyOf(doors);
        this.limits = limits;
        this.relay = relay;
        this.thread = Thread.ofVirtual().name("systemd connection").unstarted(this::keep);
    }

    void start() {
        thread.start();
    }

    /**
     * Returns the connection; waits for it while it has not been missing for long.
     *
     * @throws DBusException if there is none
     */
    ManagerConnection connection() throws DBusException {
        lock.lock();
        try {
            while (current == null) {
                long left = limits.answer().toNanos() - (System.nanoTime() - lostAt);
                if (closed || left <= 0) {
                    throw new DBusException(DBusException.NO_REPLY, problem);
                }
                changed.awaitNanos(left);
            }
            return current;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DBusException(DBusException.NO_REPLY, "interrupted while connecting: " + problem, e);
        } finally {
            lock.unlock();
        }
    }

    /** Closes the connection, if it is still the present one, so that the next caller waits for a new one. */
    void lost(ManagerConnection connection) {
        lock.lock();
        try {
            if (current == connection) {
                current = null;
                lostAt = System.nanoTime();
            }
        } finally {
            lock.unlock();
        }
        connection.close();
    }

    @Override
    public void close() {
        ManagerConnection last;
        lock.lock();
        try {
            closed = true;
            problem = "closed";
            last = current;
            current = null;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        thread.interrupt();
        if (last != null) {
            last.close();
        }
    }

    private void keep() {
        boolean missed = false;
        Duration pause = limits.firstPause();
        while (!isClosed()) {
            long begun = System.nanoTime();
            ManagerConnection connection = tryOpen();
            if (connection != null && publish(connection)) {
                if (missed) {
                    relay.happened(EventRelay.Event.RECONNECTED);
                }
                begun = System.nanoTime();
                DBusException reason = connection.awaitClosed();
                lost(connection);
                log.info("systemd, {}: {}", connection.door(), reason.getMessage());
            }
            missed = true;
            pause = System.nanoTime() - begun > LASTING_NANOS && connection != null ? limits.firstPause() : pause;
            if (!slept(pause)) {
                return;
            }
            pause = longer(pause);
        }
    }

    private Duration longer(Duration pause) {
        Duration twice = pause.multipliedBy(2);
        return twice.compareTo(limits.longestPause()) > 0 ? limits.longestPause() : twice;
    }

    /** Waits, and tells if the thread may go on. */
    private static boolean slept(Duration pause) {
        try {
            Thread.sleep(pause);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /** Tries the doors in order; null if none opens, which is logged when the reasons change. */
    private @Nullable ManagerConnection tryOpen() {
        List<String> problems = new ArrayList<>();
        for (SystemdDoor door : doors) {
            try {
                return new ManagerConnection(door, limits.silence(), relay);
            } catch (DBusException e) {
                problems.add(door + ": " + e.getMessage());
            }
        }
        failed(String.join("; ", problems));
        return null;
    }

    private void failed(String now) {
        boolean isNew;
        lock.lock();
        try {
            isNew = !closed && !now.equals(problem);
            problem = closed ? problem : now;
        } finally {
            lock.unlock();
        }
        if (isNew) {
            log.warn("systemd cannot be reached: {}; trying again until it can", now);
        }
    }

    /** Hands the connection to callers; closes it and returns false if no caller can come any more. */
    private boolean publish(ManagerConnection connection) {
        lock.lock();
        try {
            if (!closed) {
                current = connection;
                problem = "the connection was lost";
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
        if (isClosed()) {
            connection.close();
            return false;
        }
        log.info("systemd {}, {}: connected", connection.version(), connection.door());
        return true;
    }
}
