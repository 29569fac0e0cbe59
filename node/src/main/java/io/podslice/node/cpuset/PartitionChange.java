package io.podslice.node.cpuset;

import io.podslice.cgroups.CgroupFile;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.Plan;
import io.podslice.cgroups.Step;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;

/**
 * The writes that lead from the present partitions to the desired ones, in the one order that loses no CPU on Linux 6.12:
 * the kernel finds out which CPUs a remote partition gives back by the lists above it, so that those must still have them.
 *
 * <p>{@link #release} comes before other cgroups get CPUs: partitions end, then lists shrink, the lowest cgroup first.
 * {@link #grant} comes after other cgroups have lost CPUs: lists grow, the highest cgroup first, then partitions begin. A
 * partition that keeps some of its CPUs stays one meanwhile. Pure.
 */
final class PartitionChange {
    private static final String MEMBER = "member";
    private static final Comparator<CgroupPath> HIGHEST_FIRST =
            Comparator.<CgroupPath>comparingInt(PartitionChange::depth).thenComparing(Comparator.naturalOrder());

    private final SortedMap<CgroupPath, PartitionFiles> present;
    private final PartitionSets desired;
    private final Set<CgroupPath> containers;
    private final Map<CgroupPath, CpuSet> kept;

    /**
     * @param present the files of the cgroups that exist
     * @param containers the cgroups whose {@code cpuset.cpus.partition} podslice writes
     * @param kept CPUs that stay in the lists of cgroups above partitions: those of others, and those that the kernel has
     *     not given back yet
     */
    PartitionChange(
            SortedMap<CgroupPath, PartitionFiles> present,
            PartitionSets desired,
            Set<CgroupPath> containers,
            Map<CgroupPath, CpuSet> kept) {
        this.present = present;
        this.desired = desired;
        this.containers = Set.copyOf(containers);
        this.kept = Map.copyOf(kept);
    }

    private static int depth(CgroupPath path) {
        return (int) path.value().chars().filter(c -> c == '/').count();
    }

    private CpuSet list(CgroupPath path) {
        return desired.lists().getOrDefault(path, CpuSet.empty()).union(kept.getOrDefault(path, CpuSet.empty()));
    }

    /** Returns the CPUs that present partitions give back by {@link #release}. */
    CpuSet released() {
        CpuSet released = CpuSet.empty();
        for (Map.Entry<CgroupPath, PartitionFiles> entry : present.entrySet()) {
            if (entry.getValue().isValidPartition()) {
                CpuSet now = entry.getValue().list();
                CpuSet stays = ends(entry.getKey(), entry.getValue()) ? CpuSet.empty() : list(entry.getKey());
                released = released.union(now.minus(stays));
            }
        }
        return released;
    }

    /** Tells if the partition must end: no more desired, invalid, or about to move to entirely other CPUs. */
    private boolean ends(CgroupPath path, PartitionFiles files) {
        if (!containers.contains(path) || files.isMember()) {
            return false;
        }
        return !desired.partitions().containsKey(path)
                || !files.isValidPartition()
                || !files.list().intersects(list(path));
    }

    /** Returns the writes by which partitions end and lists shrink. */
    Plan release() {
        List<Step> steps = new ArrayList<>();
        present.forEach((path, files) -> {
            if (ends(path, files)) {
                steps.add(partition(path, MEMBER));
            }
        });
        List<CgroupPath> lowestFirst = new ArrayList<>(present.keySet());
        lowestFirst.sort(HIGHEST_FIRST.reversed());
        for (CgroupPath path : lowestFirst) {
            CpuSet now = files(path).list();
            if (!list(path).containsAll(now)) {
                steps.add(list(path, now.intersection(list(path))));
            }
        }
        return new Plan(steps);
    }

    /** Returns the writes by which lists grow and partitions begin. */
    Plan grant() {
        List<Step> steps = new ArrayList<>();
        List<CgroupPath> highestFirst = new ArrayList<>(present.keySet());
        highestFirst.sort(HIGHEST_FIRST);
        for (CgroupPath path : highestFirst) {
            if (!list(path).equals(files(path).list())) {
                steps.add(list(path, list(path)));
            }
        }
        desired.partitions().forEach((path, kind) -> {
            PartitionFiles files = present.get(path);
            if (files != null && !kind.isSatisfiedBy(files.partition())) {
                steps.add(partition(path, kind.text()));
            }
        });
        return new Plan(steps);
    }

    private PartitionFiles files(CgroupPath path) {
        return present.getOrDefault(path, PartitionFiles.NONE);
    }

    /** Makes a write that is left out if the cgroup is gone: runtime and kubelet remove cgroups at any time. */
    private static Step list(CgroupPath path, CpuSet cpus) {
        return new Step.WriteFile(path, CgroupFile.CPUSET_CPUS_EXCLUSIVE, cpus.toString(), true);
    }

    private static Step partition(CgroupPath path, String value) {
        return new Step.WriteFile(path, CgroupFile.CPUSET_CPUS_PARTITION, value, true);
    }
}
