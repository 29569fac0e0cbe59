package io.podslice.agent;

import io.podslice.agent.config.Configuration;
import io.podslice.agent.config.DriverFit;
import io.podslice.cgroups.CgroupDriver;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.grpc.UnixSocket;
import io.podslice.shim.runtime.RuntimeSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The search for this node's cgroup driver at the start: the configuration, else the runtime, else the cgroup of all pods
 * that exists. A runtime that is not up yet is waited for only where nothing else tells.
 */
final class DriverSearch {
    private static final Logger LOG = LoggerFactory.getLogger(DriverSearch.class);

    private static final long ANSWER_MILLIS = 5_000;
    private static final long PAUSE_MILLIS = 250;

    /** The folder that exists where systemd is PID 1 (sd_booted(3)). */
    private static final Path SYSTEMD = Path.of("/run/systemd/system");

    private final Configuration.Cgroups cgroups;
    private final CgroupFiles files;
    private final RuntimeSettings runtime;

    /** @param files the cgroup v2 tree */
    DriverSearch(Configuration.Cgroups cgroups, CgroupFiles files, UnixSocket runtime) {
        this.cgroups = cgroups;
        this.files = files;
        this.runtime = new RuntimeSettings(runtime);
    }

    /** Tells if systemd is PID 1 here. */
    static boolean systemdRuns() {
        return Files.isDirectory(SYSTEMD);
    }

    /** The runtime's answer about its driver. */
    private enum Silence {
        /** It does not tell, and never will. */
        UNTOLD,
        /** It cannot be asked yet. */
        NOT_UP
    }

    /**
     * Finds the driver.
     *
     * @param patience how long a runtime that is not up is waited for
     * @param otherwise the driver where nothing tells
     * @throws StartException if the driver cannot spell {@code cgroups.kubepods}
     */
    DriverFit find(Duration patience, CgroupDriver otherwise) {
        try {
            DriverFit fit = DriverFit.configured(cgroups).orElseGet(() -> search(patience, otherwise));
            if (fit.certain()) {
                LOG.info("cgroup driver {}, pods below {}: {}", fit.driver().text(), fit.kubepods(), fit.reason());
            } else {
                LOG.warn("cgroup driver {} is assumed: {}", fit.driver().text(), fit.reason());
            }
            return fit;
        } catch (IllegalArgumentException e) {
            throw StartException.misconfigured(
                    List.of("cgroups.kubepods \"" + cgroups.kubepods() + "\": " + e.getMessage()));
        }
    }

    private DriverFit search(Duration patience, CgroupDriver otherwise) {
        long end = System.nanoTime() + patience.toNanos();
        while (true) {
            Silence silence;
            try {
                Optional<CgroupDriver> told =
                        runtime.cgroupDriver(ANSWER_MILLIS).map(DriverSearch::driver);
                if (told.isPresent()) {
                    return DriverFit.told(cgroups, told.get());
                }
                silence = Silence.UNTOLD;
            } catch (IOException e) {
                LOG.debug("the runtime cannot be asked for its cgroup driver yet: {}", e.toString());
                silence = Silence.NOT_UP;
            }
            Optional<DriverFit> standing = DriverFit.standing(cgroups, files);
            if (standing.isPresent()) {
                return standing.get();
            }
            if (silence == Silence.UNTOLD || System.nanoTime() >= end || !pause()) {
                return DriverFit.assumed(cgroups, otherwise);
            }
        }
    }

    private static CgroupDriver driver(io.podslice.proto.cri.v1.CgroupDriver told) {
        return told == io.podslice.proto.cri.v1.CgroupDriver.SYSTEMD ? CgroupDriver.SYSTEMD : CgroupDriver.CGROUPFS;
    }

    private static boolean pause() {
        try {
            Thread.sleep(PAUSE_MILLIS);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
