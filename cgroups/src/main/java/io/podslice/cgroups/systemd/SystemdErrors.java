package io.podslice.cgroups.systemd;

import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.Errno;

/** Makes of systemd's refusals the errors that an operation on cgroup files can have. */
final class SystemdErrors {
    private static final String DESTRUCTIVE = "org.freedesktop.systemd1.TransactionIsDestructive";

    private SystemdErrors() {}

    static CgroupException of(SystemdException e, String path, String doing) {
        CgroupException thrown = new CgroupException(errno(e), path, null, doing + ": systemd: " + e.getMessage());
        thrown.initCause(e);
        return thrown;
    }

    private static Errno errno(SystemdException e) {
        return switch (e.errorName()) {
            case SystemdException.NO_SUCH_UNIT -> Errno.ENOENT;
            case SystemdException.ACCESS_DENIED -> Errno.EACCES;
            case SystemdException.INVALID_ARGS, SystemdException.PROPERTY_READ_ONLY -> Errno.EINVAL;
            case DESTRUCTIVE -> Errno.EBUSY;
            case SystemdException.NO_REPLY, SystemdException.DISCONNECTED -> Errno.EAGAIN;
            default -> Errno.EIO;
        };
    }
}
