package io.podslice.node.sync;

import io.podslice.cgroups.ByteLimit;
import io.podslice.cgroups.CgroupFile;
import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuMax;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.layout.CgroupLayout;
import io.podslice.managers.placement.PodPlacement;
import io.podslice.managers.pod.CpuUnits;
import io.podslice.managers.pod.PodCgroupValues;
import io.podslice.managers.pod.ResourceList;
import io.podslice.node.NodeConfig;
import io.podslice.node.PodPhase;
import io.podslice.node.cpuset.CpusetReader;
import io.podslice.node.state.Allocation;
import io.podslice.node.state.NodeState;
import io.podslice.node.state.PodBudget;
import io.podslice.node.state.PodIdentity;
import io.podslice.node.state.PodLife;
import io.podslice.node.state.PodState;
import io.podslice.node.state.Resizing;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Finds pods that have CPUs of their own and are missing from the state: while the shared pools are restricted, a
 * container that is restricted to CPUs outside them belongs to such a pod. The pod keeps its CPUs until it ends, or
 * until its next call tells more of it.
 */
public final class FoundPods {
    private final CgroupFiles files;
    private final CpusetReader reader;
    private final Clock clock;

    public FoundPods(CgroupFiles files, NodeConfig config, Clock clock) {
        this.files = files;
        this.reader = new CpusetReader(files, config.kubepods());
        this.clock = clock;
    }

    /** Returns the pods that a state lacks. */
    public List<PodState> beside(NodeState known) {
        CpuSet pool = reader.pool();
        List<PodState> found = new ArrayList<>();
        if (pool.isEmpty()) {
            return found;
        }
        CpuSet taken = pool;
        for (PodState pod : known.pods()) {
            taken = taken.union(pod.placement().cpus());
        }
        for (Map.Entry<CgroupPath, CpuSet> kept : reader.keptByContainers().entrySet()) {
            CpuSet own = kept.getValue().minus(taken);
            if (!own.isEmpty() && !isKnown(known, kept.getKey())) {
                found.add(pod(kept.getKey(), own));
                taken = taken.union(own);
            }
        }
        return found;
    }

    private static boolean isKnown(NodeState known, CgroupPath path) {
        for (PodState pod : known.pods()) {
            if (pod.cgroup().equals(path)) {
                return true;
            }
        }
        return false;
    }

    /** Makes the state of a found pod. The kubelet's name for a pod's cgroup has the uid in it. */
    private PodState pod(CgroupPath path, CpuSet cpus) {
        String name = path.name();
        String uid = CgroupLayout.uidOf(path).orElse(path.value());
        return new PodState(
                new PodIdentity(uid, "", name, path, false, Map.of()),
                new Allocation(Optional.empty(), budget(path), PodPlacement.ofSet(cpus)),
                new PodLife(PodPhase.RUNNING, 0, "", clock.instant()),
                List.of(),
                Resizing.NONE);
    }

    private PodBudget budget(CgroupPath path) {
        CpuMax cpu = CpuMax.parse(read(path, CgroupFile.CPU_MAX, "max"));
        ByteLimit memory = ByteLimit.parse(read(path, CgroupFile.MEMORY_MAX, "max"));
        long weight = Long.parseLong(read(path, CgroupFile.CPU_WEIGHT, "1").strip());
        SortedMap<Long, Long> hugetlb = new TreeMap<>();
        PodCgroupValues values = new PodCgroupValues(
                CpuUnits.sharesOfWeight(weight),
                cpu.quotaMicros(),
                cpu.periodMicros(),
                memory.isLimited() ? memory.bytes() : 0,
                hugetlb);
        return new PodBudget(values, false, ResourceList.EMPTY, ResourceList.EMPTY);
    }

    private String read(CgroupPath path, String file, String otherwise) {
        return files.hasFile(path, file) ? files.read(path, file) : otherwise;
    }
}
