package io.podslice.agent;

import io.podslice.agent.config.Configuration;
import io.podslice.agent.config.DriverFit;
import io.podslice.cgroups.CgroupDriver;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.systemd.SystemdCgroupFiles;
import io.podslice.cgroups.systemd.SystemdException;
import io.podslice.cgroups.systemd.SystemdManager;
import java.time.Duration;
import java.util.Objects;
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

    /** The time after which a method of systemd's without an answer holds up no pod that asks nothing. */
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private volatile String names = "";
    private @Nullable DriverFit driver;
    private @Nullable CgroupFiles kernel;
    private volatile @Nullable TimedManager manager;
    private @Nullable SystemdManager given;
    private @Nullable SystemdCgroupFiles files;
    private SystemdManager.@Nullable Watch watch;

    /**
     * Returns the cgroup tree as the brain must write it: by systemd where the driver is systemd and its manager can be
     * talked to, else the files alone.
     *
     * @param systemd supplies the manager; asked only with the systemd driver; empty where systemd is not PID 1
     */
    CgroupFiles files(DriverFit driver, CgroupFiles kernel, Supplier<Optional<SystemdManager>> systemd) {
        this.driver = driver;
        this.kernel = kernel;
        names = driver.driver().text() + ", " + driver.kubepods();
        if (driver.driver() == CgroupDriver.CGROUPFS) {
            return kernel;
        }
        given = systemd.get().orElse(null);
        if (given == null) {
            LOG.warn("the cgroup driver is systemd, and systemd is not PID 1 here: cgroups are written by file alone");
            return kernel;
        }
        TimedManager timed = new TimedManager(given);
        manager = timed;
        files = new SystemdCgroupFiles(kernel, timed, driver.kubepods());
        return files;
    }

    /** Returns the driver in use, to be checked as long as it is only assumed. */
    AssumedDriver driver(Configuration.Cgroups cgroups, Runnable startAnew) {
        return new AssumedDriver(cgroups, Objects.requireNonNull(kernel), Objects.requireNonNull(driver), startAnew);
    }

    /** Begins to listen: a reload, a re-execution and a lost connection ask for a look at all cgroups. */
    void start(Runnable recheck) {
        TimedManager opened = manager;
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

    /** Tells if a method of systemd's has been without an answer for a while. */
    boolean isSilent() {
        TimedManager opened = manager;
        return opened != null && opened.isSilent(PATIENCE);
    }

    /** Describes driver and root of all pods, and systemd's version or the reason for which it cannot be asked. */
    String text() {
        TimedManager opened = manager;
        if (opened == null) {
            return names;
        }
        try {
            return CgroupDriver.SYSTEMD.text() + " " + opened.version() + names.substring(names.indexOf(','));
        } catch (SystemdException e) {
            return names + "; systemd cannot be asked: " + e.getMessage();
        }
    }

    @Override
    public void close() {
        if (watch != null) {
            watch.close();
        }
        if (files != null) {
            files.close();
        }
        if (given instanceof AutoCloseable closeable) {
            try {
                closeable.close();
            } catch (Exception e) {
                LOG.debug("closing the connection to systemd failed", e);
            }
        }
    }
}
