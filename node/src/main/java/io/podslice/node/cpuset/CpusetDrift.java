package io.podslice.node.cpuset;

import io.podslice.cgroups.CgroupFile;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.node.state.RepairBudget;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Drift of CPU sets: bounds how often a sweep repairs each of them. */
final class CpusetDrift {
    private static final Logger log = LoggerFactory.getLogger(CpusetDrift.class);

    private final KubeletCpuManager kubelet;
    private final RepairBudget repairs = new RepairBudget(log::warn);

    CpusetDrift(KubeletCpuManager kubelet) {
        this.kubelet = kubelet;
    }

    /**
     * Returns the cgroups that this sweep leaves as they are.
     *
     * @param desired the desired sets of all cgroups that podslice restricts or frees
     * @param present the actual CPU sets of those of them that the sweep has looked at
     * @param wrong cgroups among those whose actual set is not the desired one
     */
    Set<CgroupPath> left(Map<CgroupPath, CpuSet> desired, Map<CgroupPath, CpuSet> present, Set<CgroupPath> wrong) {
        repairs.beginSweep();
        repairs.forgetBut(desired.keySet());
        Set<CgroupPath> left = new HashSet<>();
        present.forEach((path, cpus) -> {
            if (!wrong.contains(path)) {
                repairs.right(path, CgroupFile.CPUSET_CPUS);
                return;
            }
            String shouldBe = desired.getOrDefault(path, CpuSet.empty()).toString();
            if (!repairs.wrong(path, CgroupFile.CPUSET_CPUS, cpus.toString(), shouldBe, kubelet::suspicion)) {
                left.add(path);
            }
        });
        return left;
    }
}
