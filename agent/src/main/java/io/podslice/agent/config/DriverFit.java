package io.podslice.agent.config;

import io.podslice.cgroups.CgroupDriver;
import io.podslice.cgroups.CgroupException;
import io.podslice.cgroups.CgroupFile;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.layout.CgroupLayout;
import java.util.Optional;

/**
 * The cgroup driver of a node, and the reason to believe that it is this one.
 *
 * @param layout the places of pods' cgroups under the driver
 * @param reason how the driver is known, for the log, e.g. {@code /kubepods.slice exists}
 * @param certain false if nothing told the driver, and it was assumed
 */
public record DriverFit(CgroupLayout layout, String reason, boolean certain) {

    /** Returns the driver. */
    public CgroupDriver driver() {
        return layout.driver();
    }

    /** Returns the root cgroup of all pods. */
    public CgroupPath kubepods() {
        return layout.kubepods();
    }

    /**
     * Returns the driver by the configuration, else by the cgroups of all pods that exist; cgroupfs where there is none.
     *
     * @throws IllegalArgumentException if the driver cannot spell {@code cgroups.kubepods}
     */
    public static DriverFit of(Configuration.Cgroups cgroups, CgroupFiles files) {
        return configured(cgroups)
                .or(() -> standing(cgroups, files))
                .orElseGet(() -> assumed(cgroups, CgroupDriver.CGROUPFS));
    }

    /** Returns the driver that the configuration names; empty where it is {@code auto}. */
    public static Optional<DriverFit> configured(Configuration.Cgroups cgroups) {
        return cgroups.driver().map(driver -> new DriverFit(cgroups.layout(driver), "cgroups.driver says so", true));
    }

    /**
     * Returns the driver whose cgroup of all pods exists; where both do, as after a change of the driver without a reboot,
     * the one that has processes.
     */
    public static Optional<DriverFit> standing(Configuration.Cgroups cgroups, CgroupFiles files) {
        CgroupPath directory = cgroups.layout(CgroupDriver.CGROUPFS).kubepods();
        CgroupPath slice;
        try {
            slice = cgroups.layout(CgroupDriver.SYSTEMD).kubepods();
        } catch (IllegalArgumentException unspeakable) {
            return files.exists(directory) ? Optional.of(existing(directory)) : Optional.empty();
        }
        boolean isSlice = files.exists(slice);
        boolean isDirectory = files.exists(directory);
        if (isSlice && isDirectory) {
            return Optional.of(
                    existing(hasProcesses(files, directory) && !hasProcesses(files, slice) ? directory : slice));
        }
        return isSlice || isDirectory ? Optional.of(existing(isSlice ? slice : directory)) : Optional.empty();
    }

    private static DriverFit existing(CgroupPath kubepods) {
        return new DriverFit(new CgroupLayout(kubepods), kubepods + " exists", true);
    }

    private static boolean hasProcesses(CgroupFiles files, CgroupPath path) {
        try {
            return files.read(path, CgroupFile.EVENTS).lines().anyMatch("populated 1"::equals);
        } catch (CgroupException gone) {
            return false;
        }
    }

    /** Returns a driver for which nothing speaks yet. */
    public static DriverFit assumed(Configuration.Cgroups cgroups, CgroupDriver driver) {
        CgroupLayout layout = cgroups.layout(driver);
        return new DriverFit(layout, "neither the runtime nor a cgroup of all pods tells; cgroups.driver would", false);
    }

    /** Returns the driver that the runtime says it has. */
    public static DriverFit told(Configuration.Cgroups cgroups, CgroupDriver driver) {
        return new DriverFit(cgroups.layout(driver), "the runtime says so", true);
    }
}
