package io.podslice.agent;

import io.podslice.cgroups.CgroupDriver;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.systemd.SystemdManager;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way to systemd on a node with its cgroup driver: which writes to cgroups go to it, and the events after which all of
 * them are verified at once.
 */
final class SystemdLink implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SystemdLink.class);

    private @Nullable SystemdManager manager;
    private SystemdManager.@Nullable Watch watch;

    /**
     * Returns the cgroup tree as the brain must write it: by systemd where the driver is systemd and its manager can be
     * talked to, else the files alone.
     *
     * @param systemd supplies the manager; asked only with the systemd driver; empty where systemd is not PID 1
     */
    CgroupFiles files(CgroupDriver driver, CgroupFiles kernel, Supplier<Optional<SystemdManager>> systemd) {
        if (driver == CgroupDriver.CGROUPFS) {
            return kernel;
        }
        manager = systemd.get().orElse(null);
        if (manager == null) {
            LOG.warn("the cgroup driver is systemd, and systemd is not PID 1 here: cgroups are written by file alone");
            return kernel;
        }
        return kernel;
    }

    /** Begins to listen: a reload, a re-execution and a lost connection ask for a look at all cgroups. */
    void start(Runnable recheck) {
        SystemdManager opened = manager;
        if (opened == null) {
            return;
        }
        watch = opened.watch(new SystemdManager.Listener() {
            @Override
            public void reloaded() {
                LOG.info("systemd has reloaded its units: all cgroups are verified");
                recheck.run();
            }

            @Override
            public void reconnected() {
                LOG.info("systemd can be asked again: all cgroups are verified");
                recheck.run();
            }
        });
    }

    @Override
    public void close() {
        if (watch != null) {
            watch.close();
        }
        if (manager instanceof AutoCloseable closeable) {
            try {
                closeable.close();
            } catch (Exception e) {
                LOG.debug("closing the connection to systemd failed", e);
            }
        }
    }
}
