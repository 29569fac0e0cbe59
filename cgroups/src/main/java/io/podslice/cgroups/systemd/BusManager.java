package io.podslice.cgroups.systemd;

import io.podslice.cgroups.dbus.DBusException;
import io.podslice.cgroups.dbus.MethodCall;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * systemd's manager over D-Bus. Connects by the first door that opens, again whenever the connection is lost, and in the
 * background: the constructor returns at once. A call waits for a connection for as long as for an answer. Once a call
 * has had no answer in time, others fail at once until systemd answers again, so that a PID 1 that hangs holds up one
 * call and not each.
 */
public final class BusManager implements SystemdManager, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(BusManager.class);
    private static final String DONE = "done";
    /** Errors of a bus on which systemd is missing, and those found on this side of the connection. */
    private static final List<String> UNREACHABLE = List.of(
            DBusException.INCONSISTENT_MESSAGE,
            DBusException.LIMITS_EXCEEDED,
            DBusException.AUTH_FAILED,
            "org.freedesktop.DBus.Error.ServiceUnknown",
            "org.freedesktop.DBus.Error.NameHasNoOwner");

    private final BusLimits limits;
    private final EventRelay relay = new EventRelay();
    private final ConnectionKeeper keeper;

    /**
     * @param doors sockets to try, the best first
     * @param limits bounds on waiting
     */
    public BusManager(List<SystemdDoor> doors, BusLimits limits) {
        this.limits = limits;
        this.keeper = new ConnectionKeeper(doors, limits, relay);
        keeper.start();
    }

    /** Returns the manager of PID 1. */
    public static BusManager system() {
        return new BusManager(SystemdDoor.SYSTEM, BusLimits.DEFAULT);
    }

    /** Ends the connection; calls fail from now on. */
    @Override
    public void close() {
        keeper.close();
    }

    @Override
    public int version() {
        return answered(ManagerConnection::version);
    }

    @Override
    public boolean exists(UnitName unit) {
        try {
            call(calls -> calls.getUnit(unit));
            return true;
        } catch (SystemdException e) {
            if (e.errorName().equals(SystemdException.NO_SUCH_UNIT)) {
                return false;
            }
            throw e;
        }
    }

    @Override
    public void setProperties(UnitName unit, List<UnitProperty> properties) {
        call(calls -> calls.setProperties(unit, properties));
    }

    @Override
    public void startSlice(UnitName slice, List<UnitProperty> properties) {
        if (!slice.isSlice()) {
            throw new IllegalArgumentException("unit \"" + slice + "\" is no slice");
        }
        try {
            runJob(slice, calls -> calls.startTransient(slice, properties));
        } catch (SystemdException e) {
            if (!e.errorName().equals(SystemdException.UNIT_EXISTS)) {
                throw e;
            }
            runJob(slice, calls -> calls.start(slice)); // done at once where it runs
        }
    }

    @Override
    public void stop(UnitName unit) {
        try {
            runJob(unit, calls -> calls.stop(unit));
        } catch (SystemdException e) {
            if (!e.errorName().equals(SystemdException.NO_SUCH_UNIT)) {
                throw e;
            }
            log.debug("{}: is not there to be stopped", unit);
        }
    }

    @Override
    public void revert(UnitName unit) {
        call(calls -> calls.revert(unit));
    }

    @Override
    public Watch watch(Listener listener) {
        return relay.watch(listener);
    }

    private void call(Function<ManagerCalls, MethodCall> method) {
        answered(connection -> connection.call(method.apply(connection.calls()), limits.answer()));
    }

    private void runJob(UnitName unit, Function<ManagerCalls, MethodCall> method) {
        String result = answered(connection ->
                connection.callForJob(unit.value(), method.apply(connection.calls()), limits.answer(), limits.job()));
        if (!result.equals(DONE)) {
            throw new SystemdException(SystemdException.JOB_FAILED, unit + ": job result \"" + result + "\"");
        }
    }

    /** A call over a connection that may be repeated: the methods of systemd that podslice calls are idempotent. */
    @FunctionalInterface
    private interface Use<T> {
        T of(ManagerConnection connection) throws DBusException;
    }

    /** Uses a connection; once more if it was lost meanwhile, as it is when systemd is executed anew. */
    private <T> T answered(Use<T> use) {
        try {
            try {
                return used(use);
            } catch (DBusException e) {
                if (!e.name().equals(DBusException.DISCONNECTED)) {
                    throw e;
                }
                return used(use);
            }
        } catch (DBusException e) {
            String name = UNREACHABLE.contains(e.name()) ? SystemdException.DISCONNECTED : e.name();
            throw new SystemdException(name, String.valueOf(e.getMessage()), e);
        }
    }

    private <T> T used(Use<T> use) throws DBusException {
        ManagerConnection connection = keeper.connection();
        Duration silence = connection.silence();
        if (!silence.isZero()) {
            if (silence.compareTo(limits.silence()) > 0) {
                keeper.lost(connection);
            }
            throw new DBusException(DBusException.NO_REPLY, "no answer for " + silence.toMillis() + " ms");
        }
        try {
            return use.of(connection);
        } catch (DBusException e) {
            if (e.name().equals(DBusException.DISCONNECTED)) {
                keeper.lost(connection);
            }
            throw e;
        }
    }
}
