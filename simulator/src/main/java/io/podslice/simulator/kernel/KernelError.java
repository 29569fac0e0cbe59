package io.podslice.simulator.kernel;

import io.podslice.cgroups.Errno;
import java.io.Serial;

/** An operation that the kernel refuses; {@link SimulatedCgroups} turns it into a CgroupException. */
final class KernelError extends RuntimeException {
    @Serial
    private static final long serialVersionUID = 1L;

    private final Errno errno;

    KernelError(Errno errno) {
        super(errno.text(), null, false, false);
        this.errno = errno;
    }

    Errno errno() {
        return errno;
    }
}
