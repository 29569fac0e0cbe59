package io.podslice.cgroups.systemd;

import io.podslice.cgroups.dbus.DBusConnection;
import io.podslice.cgroups.dbus.DBusEvents;
import io.podslice.cgroups.dbus.DBusException;
import io.podslice.cgroups.dbus.DBusMessage;
import io.podslice.cgroups.dbus.DBusValue;
import io.podslice.cgroups.dbus.MethodCall;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A connection to systemd's manager that has answered at least once. Safe for use by many threads. */
final class ManagerConnection implements AutoCloseable {
    private static final String RELOADING = "Reloading";
    private static final String JOB_REMOVED = "JobRemoved";
    private static final String ALREADY_SUBSCRIBED = "org.freedesktop.systemd1.AlreadySubscribed";
    /** "257.13-1~deb13u1", "v252-rc1", "systemd 245": the first number. */
    private static final Pattern NUMBER = Pattern.compile("\\d{1,6}");

    private final SystemdDoor door;
    private final EventRelay relay;
    private final ManagerCalls calls;
    private final JobResults jobs = new JobResults();
    private final DBusConnection connection;
    private final int version;

    /** systemd's unique name on the bus; null without a bus and until it is known. */
    private volatile @Nullable String owner;

    /** The time of {@link System#nanoTime} since which a call has not been answered; null while all are. */
    private volatile @Nullable Long silentSince;

    /**
     * Connects and asks for systemd's version.
     *
     * @param limit the longest that each step may take
     * @throws DBusException if there is no such socket, or no answer
     */
    ManagerConnection(SystemdDoor door, Duration limit, EventRelay relay) throws DBusException {
        this.door = door;
        this.relay = relay;
        this.calls = new ManagerCalls(door.isBus() ? ManagerCalls.BUS_NAME : null);
        this.connection = DBusConnection.open(door.socket(), limit, new Events());
        try {
            if (door.isBus()) {
                owner = join(limit);
            }
            this.version = version(connection.call(calls.version(), limit));
        } catch (DBusException e) {
            connection.close();
            throw e;
        }
    }

    /** Makes the connection known to the bus and asks for signals; returns systemd's unique name there. */
    private String join(Duration limit) throws DBusException {
        connection.call(ManagerCalls.hello(), limit);
        connection.call(ManagerCalls.match(RELOADING), limit);
        connection.call(ManagerCalls.match(JOB_REMOVED), limit);
        String name = text(connection.call(ManagerCalls.owner(), limit), 's');
        subscribe(limit);
        return name;
    }

    private void subscribe(Duration limit) throws DBusException {
        try {
            connection.call(calls.subscribe(), limit);
        } catch (DBusException e) {
            if (!e.name().equals(ALREADY_SUBSCRIBED)) {
                throw e;
            }
        }
    }

    private static int version(List<DBusValue> answer) throws DBusException {
        if (!answer.isEmpty() && answer.getFirst() instanceof DBusValue.Variant(DBusValue.Text(char _, String text))) {
            Matcher number = NUMBER.matcher(text);
            if (number.find()) {
                return Integer.parseInt(number.group());
            }
        }
        throw new DBusException(DBusException.INCONSISTENT_MESSAGE, "no version in " + answer);
    }

    private static String text(List<DBusValue> answer, char wanted) throws DBusException {
        if (!answer.isEmpty()
                && answer.getFirst() instanceof DBusValue.Text(char type, String text)
                && type == wanted) {
            return text;
        }
        throw new DBusException(DBusException.INCONSISTENT_MESSAGE, "an answer without a value of type " + wanted);
    }

    int version() {
        return version;
    }

    SystemdDoor door() {
        return door;
    }

    ManagerCalls calls() {
        return calls;
    }

    /** Returns how long a call has been without an answer; zero while all are answered. */
    Duration silence() {
        Long since = silentSince;
        return since == null ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - since);
    }

    /** Calls a method and waits for its answer. */
    List<DBusValue> call(MethodCall call, Duration timeout) throws DBusException {
        long begun = System.nanoTime();
        try {
            return connection.call(call, timeout);
        } catch (DBusException e) {
            if (e.name().equals(DBusException.NO_REPLY) && silentSince == null) {
                silentSince = begun;
            }
            throw e;
        }
    }

    /** Calls a method that begins a job of the unit, and waits for the job's result. */
    String callForJob(String unit, MethodCall call, Duration timeout, Duration jobTimeout) throws DBusException {
        try (JobResults.Watch watch = jobs.watch(unit)) {
            return watch.await(text(call(call, timeout), 'o'), jobTimeout);
        }
    }

    /** Waits until the connection is closed, and returns the reason. */
    DBusException awaitClosed() {
        DBusException reason = connection.awaitClosed();
        jobs.lost();
        return reason;
    }

    @Override
    public void close() {
        connection.close();
    }

    private final class Events implements DBusEvents {
        @Override
        public void signal(DBusMessage signal) throws DBusException {
            // On a bus, any process can send this connection a signal.
            String trusted = owner;
            if (door.isBus() && (trusted == null || !trusted.equals(signal.sender()))) {
                return;
            }
            if (signal.isSignal(ManagerCalls.FACE, RELOADING)) {
                if (List.of(DBusValue.bool(false)).equals(signal.arguments())) {
                    relay.happened(EventRelay.Event.RELOADED);
                }
            } else if (signal.isSignal(ManagerCalls.FACE, JOB_REMOVED)) {
                jobRemoved(signal.arguments());
            }
        }

        private void jobRemoved(List<DBusValue> arguments) {
            if (arguments.size() == 4
                    && arguments.get(1) instanceof DBusValue.Text(char _, String job)
                    && arguments.get(2) instanceof DBusValue.Text(char _, String unit)
                    && arguments.get(3) instanceof DBusValue.Text(char _, String result)) {
                jobs.removed(job, unit, result);
            }
        }

        @Override
        public void lateReply() {
            silentSince = null;
            relay.happened(EventRelay.Event.RECONNECTED);
        }
    }
}
