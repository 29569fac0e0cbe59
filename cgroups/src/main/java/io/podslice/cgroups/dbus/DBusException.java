package io.podslice.cgroups.dbus;

import java.io.Serial;

/** A call that failed: by the peer's error, or since there was no answer, or none that keeps to the protocol. */
public final class DBusException extends Exception {
    /** No answer in time; the call may still take effect. */
    public static final String NO_REPLY = "org.freedesktop.DBus.Error.NoReply";
    /** The connection could not be made, or was closed. */
    public static final String DISCONNECTED = "org.freedesktop.DBus.Error.Disconnected";
    /** The peer did not let this process in. */
    public static final String AUTH_FAILED = "org.freedesktop.DBus.Error.AuthFailed";
    /** The peer broke the protocol or sent more than podslice takes. */
    public static final String INCONSISTENT_MESSAGE = "org.freedesktop.DBus.Error.InconsistentMessage";
    /** Calls that wait for their answers are as many as a connection may have. */
    public static final String LIMITS_EXCEEDED = "org.freedesktop.DBus.Error.LimitsExceeded";

    @Serial
    private static final long serialVersionUID = 1L;

    private final String name;

    /**
     * @param name the error's name, e.g. {@link #NO_REPLY}, or the peer's
     * @param detail the peer's text, or what was waited for or found wrong
     */
    public DBusException(String name, String detail) {
        super(detail);
        this.name = name;
    }

    /**
     * @param name the error's name
     * @param detail what was waited for or found wrong
     */
    public DBusException(String name, String detail, Throwable cause) {
        super(detail, cause);
        this.name = name;
    }

    /** Returns the error's name. */
    public String name() {
        return name;
    }

    static DBusException inconsistent(String detail) {
        return new DBusException(INCONSISTENT_MESSAGE, detail);
    }
}
