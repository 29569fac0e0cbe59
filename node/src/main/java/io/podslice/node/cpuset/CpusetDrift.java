package io.podslice.node.cpuset;

import io.podslice.cgroups.CgroupPath;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps podslice from fighting over CPU sets: a cgroup that somebody else writes over between any two sweeps is put right
 * once a minute only, and that is said. Guarded by the brain's lock.
 */
final class CpusetDrift {
    private static final Logger log = LoggerFactory.getLogger(CpusetDrift.class);

    /** In so many sweeps running a cgroup is put right, before somebody is taken to keep writing. */
    static final int PATIENCE = 3;

    /** From then on every so many sweeps. */
    static final int RARELY = 6;

    private final KubeletCpuManager kubelet;

    /** In how many sweeps running a cgroup has been found to be wrong. */
    private final Map<CgroupPath, Integer> wrong = new HashMap<>();

    CpusetDrift(KubeletCpuManager kubelet) {
        this.kubelet = kubelet;
    }

    /**
     * Which cgroups this sweep leaves as they are.
     *
     * @param found those that say something else than they shall
     */
    Set<CgroupPath> left(Set<CgroupPath> found) {
        wrong.keySet().retainAll(found);
        Set<CgroupPath> left = new HashSet<>();
        for (CgroupPath path : found) {
            int sweeps = wrong.merge(path, 1, Integer::sum);
            if (sweeps == PATIENCE + 1) {
                log.warn(
                        "cpuset.cpus of {}: somebody else keeps writing over what podslice has written; it is put right"
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
