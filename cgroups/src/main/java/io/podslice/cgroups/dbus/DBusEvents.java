package io.podslice.cgroups.dbus;

/** Told what comes without being waited for; on the connection's thread, so each method must return at once. */
public interface DBusEvents {
    /**
     * A signal has come.
     *
     * @param signal good until this method returns
     * @throws DBusException if its arguments are not as they must be; ends the connection
     */
    void signal(DBusMessage signal) throws DBusException;

    /** A call that had failed with {@link DBusException#NO_REPLY} was answered after all. */
    void lateReply();
}
