package io.podslice.node.cpuset;

import io.podslice.cgroups.CgroupPath;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps podslice from fighting over CPU sets: a cgroup that another program overwrites between any two sweeps is
 * repaired only once a minute from then on, and a warning says so. Guarded by the brain's lock.
 */
final class CpusetDrift {
    private static final Logger log = LoggerFactory.getLogger(CpusetDrift.class);

    /** Consecutive sweeps that repair a cgroup before another program is taken to keep overwriting it. */
    static final int PATIENCE = 3;

    /** Sweeps from one repair to the next after that: a minute, at a sweep every 10 s. */
    static final int RARELY = 6;

    private final KubeletCpuManager kubelet;

    /** The number of consecutive sweeps that found each cgroup to differ from its desired cpuset. */
    private final Map<CgroupPath, Integer> wrong = new HashMap<>();

    CpusetDrift(KubeletCpuManager kubelet) {
        this.kubelet = kubelet;
    }

    /**
     * Returns the cgroups that this sweep must leave as they are.
     *
     * @param found cgroups that differ from their desired cpuset
     */
    Set<CgroupPath> left(Set<CgroupPath> found) {
        wrong.keySet().retainAll(found);
        Set<CgroupPath> left = new HashSet<>();
        for (CgroupPath path : found) {
            int sweeps = wrong.merge(path, 1, Integer::sum);
            if (sweeps == PATIENCE + 1) {
                log.warn(
                        "cpuset.cpus of {}: another program keeps overwriting podslice's value; podslice repairs it"
                                + " once a minute from now on. {}",
                        path,
                        kubelet.suspicion());
            }
            if (sweeps > PATIENCE && sweeps % RARELY != 0) {
                left.add(path);
            }
        }
        return left;
    }
}
