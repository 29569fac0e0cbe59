package io.podslice.cgroups.systemd;

import java.util.List;

/**
 * The methods of {@code org.freedesktop.systemd1.Manager} that podslice needs. Implementations: systemd itself over
 * D-Bus, and the simulated systemd of the demo and the tests.
 *
 * <p>All methods block for a bounded time, may be called from any thread, and throw {@link SystemdException}. Success
 * says little: systemd also answers it where the kernel refused a value, and for units that do not exist, so callers
 * look for the unit before and read the kernel's files after.
 */
public interface SystemdManager {

    /** Returns systemd's version: the first number of the manager's property Version, e.g. 257. */
    int version();

    /** Tells if systemd has loaded the unit (GetUnit). */
    boolean exists(UnitName unit);

    /**
     * Sets properties until the unit goes or the node restarts (SetUnitProperties with runtime), in one call. All are
     * checked before any is set. systemd then writes every attribute that it knows of the unit: values written to the
     * files of the unit's cgroup alone are lost. When the call returns, the kernel has the values, or has refused them.
     *
     * <p>For a unit that does not exist systemd keeps the properties and gives them to the unit that is made under that
     * name later: callers look for the unit before, and {@link #revert} what came too late.
     */
    void setProperties(UnitName unit, List<UnitProperty> properties);

    /**
     * Makes and starts a transient slice (StartTransientUnit, mode fail) and waits until systemd has done so; changes
     * nothing where the slice runs already.
     *
     * @throws SystemdException with {@link SystemdException#JOB_FAILED} if systemd could not start it
     * @throws IllegalArgumentException if the unit is no slice
     */
    void startSlice(UnitName slice, List<UnitProperty> properties);

    /**
     * Stops the unit (StopUnit, mode fail) and waits until systemd has done so; changes nothing where there is no such
     * unit. systemd kills every process in a unit that is stopped.
     *
     * @throws SystemdException with {@link SystemdException#JOB_FAILED} if systemd could not stop it
     */
    void stop(UnitName unit);

    /**
     * Drops the properties that were set for a unit and are kept in files (RevertUnitFiles). Only for a unit that does
     * not exist: of one that does, the kubelet's properties are dropped too.
     */
    void revert(UnitName unit);

    /**
     * Tells the listener of events after which the files of units may have other values than before, until the watch is
     * closed.
     */
    Watch watch(Listener listener);

    /**
     * Told of events, one after another, on a thread of the manager's on which the manager may be called. While a
     * listener is busy, further events of one kind become one.
     */
    interface Listener {
        /** systemd has reloaded its units or was executed anew; most versions then rewrite the files of every unit. */
        void reloaded();

        /** systemd can be asked again after it did not answer for a while; events in between were missed. */
        void reconnected();
    }

    /** A listener's registration. */
    interface Watch extends AutoCloseable {
        /** Ends the registration; an event may still be under way. */
        @Override
        void close();
    }
}
