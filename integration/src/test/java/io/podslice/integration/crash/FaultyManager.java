package io.podslice.integration.crash;

import io.podslice.cgroups.systemd.SystemdException;
import io.podslice.cgroups.systemd.SystemdManager;
import io.podslice.cgroups.systemd.UnitName;
import io.podslice.cgroups.systemd.UnitProperty;
import java.util.ArrayList;
import java.util.List;

/**
 * A systemd whose methods may fail: podslice is killed before systemd does something or after it, systemd refuses, or
 * does not answer, whether or not it has done what was asked.
 */
final class FaultyManager implements SystemdManager {
    private final SystemdManager systemd;
    private final FaultPoints points;
    private final List<Listener> listeners = new ArrayList<>();

    FaultyManager(SystemdManager systemd, FaultPoints points) {
        this.systemd = systemd;
        this.points = points;
    }

    private void change(String what, Runnable call) {
        Fault fault = points.next(what);
        if (fault == null) {
            call.run();
            return;
        }
        switch (fault) {
            case KILLED_BEFORE, ERROR -> throw new Killed(what);
            case KILLED_AMID, KILLED_AFTER -> {
                call.run();
                throw new Killed(what);
            }
            case EIO -> throw new SystemdException(SystemdException.NO_REPLY, "fault");
            case ENOSPC -> throw new SystemdException(SystemdException.ACCESS_DENIED, "fault");
            case EBUSY -> {
                call.run();
                throw new SystemdException(SystemdException.NO_REPLY, "fault");
            }
        }
    }

    @Override
    public int version() {
        return systemd.version();
    }

    @Override
    public boolean exists(UnitName unit) {
        points.look("exists " + unit);
        return systemd.exists(unit);
    }

    @Override
    public void setProperties(UnitName unit, List<UnitProperty> properties) {
        change("set " + unit + ": " + properties, () -> systemd.setProperties(unit, properties));
    }

    @Override
    public void startSlice(UnitName slice, List<UnitProperty> properties) {
        change("start " + slice, () -> systemd.startSlice(slice, properties));
    }

    @Override
    public void stop(UnitName unit) {
        change("stop " + unit, () -> systemd.stop(unit));
    }

    @Override
    public void revert(UnitName unit) {
        change("revert " + unit, () -> systemd.revert(unit));
    }

    @Override
    public Watch watch(Listener listener) {
        listeners.add(listener);
        Watch watch = systemd.watch(listener);
        return () -> {
            watch.close();
            listeners.remove(listener);
        };
    }

    /** Tells listeners that systemd can be asked again. */
    void answersAgain() {
        List.copyOf(listeners).forEach(Listener::reconnected);
    }
}
