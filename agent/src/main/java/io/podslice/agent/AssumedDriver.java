package io.podslice.agent;

import io.podslice.agent.config.Configuration;
import io.podslice.agent.config.DriverFit;
import io.podslice.cgroups.CgroupFiles;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A cgroup driver that was assumed at the start, on a node on which nothing told it yet: before the first start of a
 * kubelet, with a runtime that does not tell. The kubelet makes the cgroup of all pods before any pod, and that tells.
 */
final class AssumedDriver {
    private static final Logger LOG = LoggerFactory.getLogger(AssumedDriver.class);

    private final Configuration.Cgroups cgroups;
    private final CgroupFiles files;
    private final DriverFit assumed;
    private final Runnable startAnew;
    private boolean open;

    /**
     * @param files the cgroup v2 tree
     * @param assumed the driver by which the cgroups are named; nothing is checked where it is certain
     * @param startAnew ends the process, which its service manager starts again, if the assumption was wrong
     */
    AssumedDriver(Configuration.Cgroups cgroups, CgroupFiles files, DriverFit assumed, Runnable startAnew) {
        this.cgroups = cgroups;
        this.files = files;
        this.assumed = assumed;
        this.startAnew = startAnew;
        this.open = !assumed.certain();
    }

    /** Looks if the cgroup of all pods exists by now, as each sweep does until it does. */
    void check() {
        Optional<DriverFit> standing = open ? DriverFit.standing(cgroups, files) : Optional.empty();
        if (standing.isEmpty()) {
            return;
        }
        open = false;
        DriverFit found = standing.get();
        if (found.driver() == assumed.driver()) {
            LOG.info("cgroup driver {}, as assumed: {}", found.driver().text(), found.reason());
            return;
        }
        LOG.error(
                "cgroup driver {} was assumed, and it is {}: {}; podslice must start anew. cgroups.driver would have told it",
                assumed.driver().text(),
                found.driver().text(),
                found.reason());
        startAnew.run();
    }
}
