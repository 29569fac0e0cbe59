package io.podslice.node.cpuset;

import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.Step;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.placement.PodPlacer;
import io.podslice.node.NodeConfig;
import io.podslice.node.drift.RoundRobin;
import io.podslice.node.state.NodeState;
import io.podslice.node.state.PodState;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Finds out what has to be written so that the cgroups say what a state wants. Guarded by the brain's lock. */
public final class Enforcer {
    private static final int CGROUPS_A_SWEEP = 4;

    private final CgroupPath kubepods;
    private final CpusetReader reader;
    private final Machine machine;
    private final PodPlacer placer;
    private final CpusetDrift drift;
    private final RoundRobin<CgroupPath> tour = new RoundRobin<>(CGROUPS_A_SWEEP);
    private final RoundRobin<CgroupPath> leaves = new RoundRobin<>(CGROUPS_A_SWEEP);

    /** Cgroups that have not been seen yet: each sweep looks for them. */
    private Set<CgroupPath> awaited = Set.of();

    /** Cgroups that podslice restricts: to be freed when no state wants them restricted any more. */
    private SortedSet<CgroupPath> restricted = Collections.emptySortedSet();

    public Enforcer(
            CgroupFiles files, Machine machine, NodeConfig config, PodPlacer placer, KubeletCpuManager kubelet) {
        this.drift = new CpusetDrift(kubelet);
        this.kubepods = config.kubepods();
        this.reader = new CpusetReader(files, kubepods);
        this.machine = machine;
        this.placer = placer;
    }

    /**
     * What a state takes to be in force.
     *
     * @param change the writes
     * @param restricted the cgroups that are restricted then
     * @param present what those that are to be restricted or freed say now
     * @param awaited those of them that do not exist: a container's comes when it starts, perhaps not as it shall be
     */
    public record Enforcement(
            CpusetChange change,
            SortedSet<CgroupPath> restricted,
            SortedMap<CgroupPath, CpuSet> present,
            Set<CgroupPath> awaited) {
        static final Enforcement NONE = new Enforcement(
                CpusetChange.NONE, Collections.emptySortedSet(), Collections.emptySortedMap(), Set.of());
    }

    /** Looks for restrictions that were there before podslice, or that others have made since. */
    public void findRestricted(NodeState state) {
        SortedSet<CgroupPath> all = new TreeSet<>(reader.restricted().keySet());
        all.addAll(reader.restrictedElsewhere(state));
        all.addAll(restricted);
        restricted = all;
    }

    /** The same for a few cgroups, others each time: for a sweep. */
    public void findSomeRestricted() {
        SortedSet<CgroupPath> all = new TreeSet<>(restricted);
        for (CgroupPath path : tour.next(reader::podsAndClasses)) {
            if (!reader.own(path).isEmpty()) {
                all.add(path);
            }
        }
        restricted = all;
    }

    /** A container's cgroup will come when it starts, perhaps not as it shall be. */
    public void await(CgroupPath path) {
        Set<CgroupPath> all = new HashSet<>(awaited);
        all.add(path);
        awaited = all;
    }

    /** Whether a cgroup above that one, of pods alone, is restricted: then nothing has to be done for it. */
    public boolean covers(CgroupPath path) {
        for (CgroupPath above : restricted) {
            if (path.isWithin(above) && !path.equals(above)) {
                return true;
            }
        }
        return false;
    }

    public CpuSet nodePool(NodeState state) {
        return placer.nodeSharedPool(state.placements());
    }

    /**
     * What leads from what the cgroups say now to what the state wants; looks at nothing if nobody has CPUs.
     *
     * @param tree the cgroups, perhaps with changes that have not been made yet
     */
    public Enforcement of(NodeState wanted, CgroupFiles tree) {
        if (restricted.isEmpty() && !wanted.anyCpus()) {
            return Enforcement.NONE;
        }
        CpusetReader drafted = new CpusetReader(tree, kubepods);
        SortedMap<CgroupPath, CpuSet> cpusets = wanted(wanted, drafted);
        SortedMap<CgroupPath, CpuSet> present = drafted.cpusets(cpusets.keySet());
        return new Enforcement(
                CpusetChange.between(present, cpusets, machine.cpuSet()),
                restrictedBy(cpusets),
                present,
                without(cpusets.keySet(), present));
    }

    /** What each cgroup that is restricted now or shall be has to say. */
    private SortedMap<CgroupPath, CpuSet> wanted(NodeState wanted, CpusetReader drafted) {
        SortedMap<CgroupPath, CpuSet> cpusets = Cpusets.of(wanted, nodePool(wanted), drafted.children(wanted));
        for (CgroupPath path : restricted) {
            if (!isLeftOver(path, wanted)) {
                cpusets.putIfAbsent(path, CpuSet.empty());
            }
        }
        return cpusets;
    }

    private static SortedSet<CgroupPath> restrictedBy(SortedMap<CgroupPath, CpuSet> cpusets) {
        SortedSet<CgroupPath> restricted = new TreeSet<>();
        cpusets.forEach((path, cpus) -> {
            if (!cpus.isEmpty()) {
                restricted.add(path);
            }
        });
        return restricted;
    }

    /**
     * The same for a sweep: looks at the pools, at cgroups that have not come yet, and at a few of pods that have CPUs, others
     * each time, and at everything once it has found something wrong. Does not fight over a cgroup that somebody else keeps writing to.
     */
    public Enforcement ofSweep(NodeState wanted, CgroupFiles tree) {
        if (restricted.isEmpty() && !wanted.anyCpus()) {
            return Enforcement.NONE;
        }
        CpusetReader drafted = new CpusetReader(tree, kubepods);
        SortedMap<CgroupPath, CpuSet> cpusets = wanted(wanted, drafted);
        Set<CgroupPath> seen = toSee(wanted, cpusets);
        SortedMap<CgroupPath, CpuSet> present = drafted.cpusets(seen);
        if (CpusetChange.between(present, cpusets, machine.cpuSet()).equals(CpusetChange.NONE)) {
            drift.left(cpusets, present, Set.of());
            return new Enforcement(CpusetChange.NONE, restrictedBy(cpusets), present, without(seen, present));
        }
        Enforcement enforcement = of(wanted, tree);
        CpusetChange change = enforcement
                .change()
                .without(drift.left(
                        cpusets, enforcement.present(), enforcement.change().paths()));
        return new Enforcement(change, enforcement.restricted(), enforcement.present(), enforcement.awaited());
    }

    /** The pools, what has not come yet, and a few others. */
    private Set<CgroupPath> toSee(NodeState wanted, SortedMap<CgroupPath, CpuSet> cpusets) {
        Set<CgroupPath> seen = new HashSet<>(cpusets.keySet());
        for (PodState pod : wanted.pods()) {
            if (pod.hasCpus()) {
                seen.removeIf(path -> path.isWithin(pod.cgroup()));
            }
        }
        seen.addAll(awaited);
        seen.addAll(leaves.next(() -> List.copyOf(cpusets.keySet())));
        seen.retainAll(cpusets.keySet());
        return seen;
    }

    private static Set<CgroupPath> without(Set<CgroupPath> paths, SortedMap<CgroupPath, CpuSet> present) {
        Set<CgroupPath> missing = new HashSet<>(paths);
        missing.removeAll(present.keySet());
        return missing;
    }

    /**
     * Whether it is what a sandbox or container has left behind in a pod that has CPUs: freed it could use all CPUs, for
     * the pod's own cgroup is not restricted.
     */
    private static boolean isLeftOver(CgroupPath path, NodeState wanted) {
        for (PodState pod : wanted.pods()) {
            if (pod.hasCpus() && path.isWithin(pod.cgroup()) && !path.equals(pod.cgroup())) {
                return true;
            }
        }
        return false;
    }

    public void adopt(Enforcement enforcement) {
        restricted = enforcement.restricted();
        awaited = enforcement.awaited();
    }

    /**
     * What the kernel did not do of a change that gave a pod its CPUs; null if it did all of it. A parent that is itself
     * restricted is the usual cause.
     */
    @Nullable
    public String complaint(PodState pod, CpusetChange change) {
        CpuSet cpus = pod.placement().cpus();
        CgroupPath parent = pod.cgroup().parent().orElse(CgroupPath.ROOT);
        CpuSet allowed = reader.effective(parent);
        if (allowed != null && !allowed.containsAll(cpus)) {
            return "CPUs " + cpus.minus(allowed) + " of the pod's " + cpus + " are not in cpuset.cpus.effective of "
                    + parent + ", which is " + allowed;
        }
        for (Step step : change.shrinks().steps()) {
            CpuSet left = reader.effective(step.path());
            if (left != null && left.intersects(cpus) && !step.path().isWithin(pod.cgroup())) {
                return "cpuset.cpus.effective of " + step.path() + " is " + left + " and still has the pod's "
                        + left.intersection(cpus);
            }
        }
        return null;
    }
}
