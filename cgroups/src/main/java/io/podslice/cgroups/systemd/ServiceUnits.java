package io.podslice.cgroups.systemd;

import io.podslice.cgroups.dbus.DBusException;
import io.podslice.cgroups.dbus.DBusValue;
import io.podslice.cgroups.dbus.MethodCall;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Services and sockets of a systemd, for a program that installs them: over its private socket, without systemctl and from
 * within a container too. Methods block, for a bounded time, and throw {@link SystemdException}. For one thread.
 */
public final class ServiceUnits implements AutoCloseable {
    /** A reload of a large node's units takes seconds; systemctl waits for 25 s. */
    private static final Duration ANSWER = Duration.ofSeconds(60);

    private static final Duration CONNECT = Duration.ofSeconds(60);

    private final ManagerConnection connection;

    private ServiceUnits(ManagerConnection connection) {
        this.connection = connection;
    }

    /**
     * Connects.
     *
     * @param socket systemd's private socket, {@code /run/systemd/private}; it takes root alone
     * @throws SystemdException if nothing listens there, or does not answer within 60 s
     */
    public static ServiceUnits open(Path socket) {
        try {
            return new ServiceUnits(new ManagerConnection(new SystemdDoor(socket, false), CONNECT, new EventRelay()));
        } catch (DBusException e) {
            throw failed(e);
        }
    }

    /** Returns the first number of systemd's version, e.g. 257. */
    public int version() {
        return connection.version();
    }

    /** Lets systemd read all unit files again (Reload), and waits until it has. */
    public void reload() {
        call(connection.calls().reload());
    }

    /**
     * Enables units by their names (EnableUnitFiles).
     *
     * @throws SystemdException also if one of them has no file
     */
    public void enable(List<String> units) {
        call(connection.calls().enable(units));
    }

    /** Removes the links that enabling has made (DisableUnitFiles). */
    public void disable(List<String> units) {
        call(connection.calls().disable(units));
    }

    /** Starts a unit and waits until it is active; does nothing where it is. */
    public void start(String unit, Duration limit) {
        job("StartUnit", unit, limit);
    }

    /** Restarts a unit, or starts it, and waits until it is active. */
    public void restart(String unit, Duration limit) {
        job("RestartUnit", unit, limit);
    }

    /** Lets a unit read its configuration again, and waits until it says that it has. */
    public void reload(String unit, Duration limit) {
        job("ReloadUnit", unit, limit);
    }

    /** Stops a unit and waits until it is inactive; does nothing where there is no such unit. */
    public void stop(String unit, Duration limit) {
        try {
            job("StopUnit", unit, limit);
        } catch (SystemdException e) {
            if (!e.errorName().equals(SystemdException.NO_SUCH_UNIT)) {
                throw e;
            }
        }
    }

    /** Returns a unit's state, such as {@code active} or {@code failed}; {@code inactive} where there is no such unit. */
    public String state(String unit) {
        try {
            String path = text(call(connection.calls().getUnit(unit)), 'o');
            return text(call(connection.calls().activeState(path)), 's');
        } catch (SystemdException e) {
            if (e.errorName().equals(SystemdException.NO_SUCH_UNIT)) {
                return "inactive";
            }
            throw e;
        }
    }

    /**
     * Runs a program as a service of the node, in its file systems and with no limit of this process's, and waits for its
     * end. It goes on when this process ends.
     *
     * @param unit the service's name, which no unit may have; gone again once the program has ended
     * @param description of the service, for its log
     * @param command the program's absolute path and its arguments
     * @throws SystemdException with {@link SystemdException#JOB_FAILED} if the program ended with another status than 0,
     *     {@link SystemdException#UNIT_EXISTS} if one of that name runs
     */
    public void run(String unit, String description, List<String> command, Duration limit) {
        finish(unit, connection.calls().run(unit, description, command), limit);
    }

    private void job(String member, String unit, Duration limit) {
        finish(unit, connection.calls().job(member, unit), limit);
    }

    private void finish(String unit, MethodCall call, Duration limit) {
        String result;
        try {
            result = connection.callForJob(unit, call, ANSWER, limit);
        } catch (DBusException e) {
            throw failed(e);
        }
        if (!result.equals("done")) {
            throw new SystemdException(SystemdException.JOB_FAILED, unit + ": job result \"" + result + "\"");
        }
    }

    private List<DBusValue> call(MethodCall call) {
        try {
            return connection.call(call, ANSWER);
        } catch (DBusException e) {
            throw failed(e);
        }
    }

    private static String text(List<DBusValue> answer, char type) {
        if (!answer.isEmpty()) {
            DBusValue first =
                    answer.getFirst() instanceof DBusValue.Variant(DBusValue inner) ? inner : answer.getFirst();
            if (first instanceof DBusValue.Text(char is, String text) && is == type) {
                return text;
            }
        }
        throw new SystemdException(
                DBusException.INCONSISTENT_MESSAGE, "an answer without a value of type " + type + ": " + answer);
    }

    private static SystemdException failed(DBusException e) {
        return new SystemdException(e.name(), String.valueOf(e.getMessage()), e);
    }

    /** Ends the connection; jobs that were begun go on. */
    @Override
    public void close() {
        connection.close();
    }
}
