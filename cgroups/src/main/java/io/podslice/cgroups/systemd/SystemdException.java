package io.podslice.cgroups.systemd;

import java.io.Serial;

/** A method of systemd's manager that failed: systemd's own refusal, or no answer from it. */
public final class SystemdException extends RuntimeException {
    /** D-Bus error name: there is no such unit. */
    public static final String NO_SUCH_UNIT = "org.freedesktop.systemd1.NoSuchUnit";
    /** D-Bus error name: there is such a unit already. */
    public static final String UNIT_EXISTS = "org.freedesktop.systemd1.UnitExists";
    /** D-Bus error name: the job was finished with another result than {@code done}; the message has it. */
    public static final String JOB_FAILED = "io.podslice.JobFailed";
    /** D-Bus error name: a value out of range, or a name that no unit can have. */
    public static final String INVALID_ARGS = "org.freedesktop.DBus.Error.InvalidArgs";
    /** D-Bus error name: a property that this version does not know, or that cannot be set. */
    public static final String PROPERTY_READ_ONLY = "org.freedesktop.DBus.Error.PropertyReadOnly";
    /** D-Bus error name: the caller may not do that. */
    public static final String ACCESS_DENIED = "org.freedesktop.DBus.Error.AccessDenied";
    /** D-Bus error name: no answer in time; the method may still take effect. */
    public static final String NO_REPLY = "org.freedesktop.DBus.Error.NoReply";
    /** D-Bus error name: there is no connection, or it was closed before the answer; the method may have taken effect. */
    public static final String DISCONNECTED = "org.freedesktop.DBus.Error.Disconnected";

    @Serial
    private static final long serialVersionUID = 1L;

    private final String errorName;

    /**
     * @param errorName the D-Bus error's name, e.g. {@link #NO_SUCH_UNIT}
     * @param detail systemd's text, or what was waited for
     */
    public SystemdException(String errorName, String detail) {
        super(errorName + ": " + detail);
        this.errorName = errorName;
    }

    /**
     * @param errorName the D-Bus error's name
     * @param detail systemd's text, or what was waited for
     */
    public SystemdException(String errorName, String detail, Throwable cause) {
        super(errorName + ": " + detail, cause);
        this.errorName = errorName;
    }

    /** Returns the D-Bus error's name, by which callers tell errors apart. */
    public String errorName() {
        return errorName;
    }

    /** Tells if systemd has not answered: the method may or may not take effect, now or later. */
    public boolean isUnanswered() {
        return errorName.equals(NO_REPLY) || errorName.equals(DISCONNECTED);
    }
}
