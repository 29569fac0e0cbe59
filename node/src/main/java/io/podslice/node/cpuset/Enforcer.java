package io.podslice.node.cpuset;

import io.podslice.cgroups.CgroupFiles;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.Step;
import io.podslice.node.NodeConfig;
import io.podslice.node.state.Extent;
import io.podslice.node.state.Guard;
import io.podslice.node.state.NodeState;
import io.podslice.node.state.PodState;
import io.podslice.node.state.RoundRobin;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Computes the writes that bring every cgroup's {@code cpuset.cpus} to a state's desired cpuset.
 */
public final class Enforcer {
    private static final int CGROUPS_A_SWEEP = 4;

    private final Guard guard;
    private final CgroupPath kubepods;
    private final CpusetReader reader;
    private final PresentMachine machine;
    private final CpusetDrift drift;
    private final RoundRobin<CgroupPath> tour = new RoundRobin<>(CGROUPS_A_SWEEP);
    private final RoundRobin<CgroupPath> leaves = new RoundRobin<>(CGROUPS_A_SWEEP);

    /** Cgroups with a desired cpuset that did not exist when they were looked at; each sweep looks again. */
    private Set<CgroupPath> awaited = Set.of();

    private CpusetsInForce inForce = CpusetsInForce.UNKNOWN;

    /** Cgroups that are restricted now; one that no state restricts any more is freed. */
    private SortedSet<CgroupPath> restricted = Collections.emptySortedSet();

    public Enforcer(
            Guard guard, CgroupFiles files, PresentMachine machine, NodeConfig config, KubeletCpuManager kubelet) {
        this.guard = guard;
        this.drift = new CpusetDrift(kubelet);
        this.kubepods = config.kubepods();
        this.reader = new CpusetReader(files, kubepods);
        this.machine = machine;
    }

    /**
     * The writes that put a state into force, with the cgroups as they are before and after.
     *
     * @param change the writes, before and after those of other files
     * @param restricted the cgroups that are restricted afterwards
     * @param present the present sets of the cgroups that are restricted or freed
     * @param awaited cgroups with a desired cpuset that do not exist yet: a container's comes when the container
     *     starts, perhaps with another set
     * @param inForce what need not be read again after the writes
     */
    public record Enforcement(
            CpusetChange change,
            SortedSet<CgroupPath> restricted,
            SortedMap<CgroupPath, CpuSet> present,
            Set<CgroupPath> awaited,
            CpusetsInForce inForce) {
        static final Enforcement NONE = new Enforcement(
                CpusetChange.NONE,
                Collections.emptySortedSet(),
                Collections.emptySortedMap(),
                Set.of(),
                CpusetsInForce.UNKNOWN);
    }

    /**
     * Looks at all pods' cgroups for restrictions from before this run of podslice, or made by other programs since.
     */
    public void findRestricted(NodeState state) {
        guard.assertHeld();
        SortedSet<CgroupPath> all = new TreeSet<>(reader.restricted().keySet());
        all.addAll(reader.restrictedElsewhere(state));
        all.addAll(restricted);
        restricted = all;
    }

    /** Looks for new restrictions in pods' cgroups, in the next few on each call or in all: one sweep's share. */
    public void findRestricted(NodeState state, Extent extent) {
        if (extent == Extent.ALL) {
            findRestricted(state);
            return;
        }
        guard.assertHeld();
        SortedSet<CgroupPath> all = new TreeSet<>(restricted);
        for (CgroupPath path : tour.next(reader::podsAndClasses)) {
            if (!reader.own(path).isEmpty()) {
                all.add(path);
            }
        }
        restricted = all;
    }

    /**
     * Lets the next sweep look at a container's cgroup, which comes when the container starts, perhaps without its
     * desired cpuset.
     */
    public void await(CgroupPath path) {
        guard.assertHeld();
        Set<CgroupPath> all = new HashSet<>(awaited);
        all.add(path);
        awaited = all;
    }

    /** Tells if a cgroup above the path is restricted, so that the path needs no write of its own. */
    public boolean covers(CgroupPath path) {
        guard.assertHeld();
        for (CgroupPath above : restricted) {
            if (path.isWithin(above) && !path.equals(above)) {
                return true;
            }
        }
        return false;
    }

    /** Returns the desired cpuset of a container whose pod has CPUs of its own, when the pod is in this state. */
    public CpuSet ofContainer(NodeState state, PodState pod, String container) {
        return Cpusets.ofContainer(pod, container, nodePool(state), machine.cpus());
    }

    /** Tells if a cgroup exists and is restricted to other CPUs than the desired ones. */
    public boolean differs(CgroupPath path, CpuSet desired) {
        CpuSet present = reader.cpusets(List.of(path)).get(path);
        return present != null && !present.equals(desired);
    }

    /** Returns the node shared pool of a state. */
    public CpuSet nodePool(NodeState state) {
        return machine.placer().nodeSharedPool(state.placements());
    }

    /**
     * Computes the writes from the present sets to a state's desired ones. Reads nothing if no pod has CPUs of its own
     * and no cgroup is restricted; nothing of a pod with CPUs of its own that stays as it is.
     *
     * @param tree the cgroup tree, or a draft of it with changes that are not written yet
     */
    public Enforcement of(NodeState wanted, CgroupFiles tree) {
        return of(wanted, tree, inForce);
    }

    private Enforcement of(NodeState wanted, CgroupFiles tree, CpusetsInForce known) {
        guard.assertHeld();
        if (restricted.isEmpty() && !wanted.anyCpus()) {
            return Enforcement.NONE;
        }
        CpusetReader drafted = new CpusetReader(tree, kubepods);
        SortedMap<CgroupPath, CpuSet> cpusets = wanted(wanted, drafted);
        SortedMap<CgroupPath, CpuSet> present = known.stillIn(wanted, cpusets);
        present.keySet().removeAll(awaited);
        present.putAll(drafted.cpusets(without(cpusets.keySet(), present), cpusets));
        return new Enforcement(
                CpusetChange.between(present, cpusets, machine.cpus()),
                restrictedBy(cpusets),
                present,
                without(cpusets.keySet(), present),
                CpusetsInForce.after(wanted, cpusets, present));
    }

    /** Returns the desired set of each cgroup that the state restricts or that is restricted now. */
    private SortedMap<CgroupPath, CpuSet> wanted(NodeState wanted, CpusetReader drafted) {
        SortedMap<CgroupPath, CpuSet> cpusets =
                Cpusets.of(wanted, nodePool(wanted), machine.cpus(), drafted.children(wanted));
        Set<CgroupPath> pods = podsWithCpus(wanted);
        for (CgroupPath path : restricted) {
            if (!isBelow(path, pods)) {
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
     * Computes a sweep's repairs. Reads the pools, cgroups that did not exist yet, and the next few of all restricted
     * cgroups, or all; reads all of them once one differs. A cgroup that another program keeps overwriting is mostly left
     * alone, as {@link CpusetDrift} says.
     */
    public Enforcement ofSweep(NodeState wanted, CgroupFiles tree, Extent extent) {
        guard.assertHeld();
        if (restricted.isEmpty() && !wanted.anyCpus()) {
            return Enforcement.NONE;
        }
        CpusetReader drafted = new CpusetReader(tree, kubepods);
        SortedMap<CgroupPath, CpuSet> cpusets = wanted(wanted, drafted);
        Set<CgroupPath> seen = extent == Extent.ALL ? cpusets.keySet() : toSee(wanted, cpusets);
        SortedMap<CgroupPath, CpuSet> present = drafted.cpusets(seen, cpusets);
        if (CpusetChange.between(present, cpusets, machine.cpus()).equals(CpusetChange.NONE)) {
            drift.left(cpusets, present, Set.of());
            return new Enforcement(CpusetChange.NONE, restrictedBy(cpusets), present, without(seen, present), inForce);
        }
        Enforcement enforcement = of(wanted, tree, CpusetsInForce.UNKNOWN);
        CpusetChange change = enforcement
                .change()
                .without(drift.left(
                        cpusets, enforcement.present(), enforcement.change().paths()));
        return new Enforcement(
                change, enforcement.restricted(), enforcement.present(), enforcement.awaited(), CpusetsInForce.UNKNOWN);
    }

    /** Returns the cgroups that a sweep reads: the pools, those that did not exist yet, and the next few of all. */
    private Set<CgroupPath> toSee(NodeState wanted, SortedMap<CgroupPath, CpuSet> cpusets) {
        Set<CgroupPath> seen = new HashSet<>(cpusets.keySet());
        Set<CgroupPath> pods = podsWithCpus(wanted);
        seen.removeIf(path -> pods.contains(path) || isBelow(path, pods));
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

    private static Set<CgroupPath> podsWithCpus(NodeState wanted) {
        Set<CgroupPath> pods = new HashSet<>();
        for (PodState pod : wanted.pods()) {
            if (pod.hasCpus()) {
                pods.add(pod.cgroup());
            }
        }
        return pods;
    }

    /**
     * Tells if the cgroup is below that of a pod that has CPUs of its own. One that the state does not name is left over
     * from a sandbox or container: freed, it could use all CPUs, for the pod's own cgroup is not restricted.
     */
    private static boolean isBelow(CgroupPath path, Set<CgroupPath> pods) {
        CgroupPath above = path.parent().orElse(null);
        while (above != null) {
            if (pods.contains(above)) {
                return true;
            }
            above = above.parent().orElse(null);
        }
        return false;
    }

    /** Takes note that the writes have been made. */
    public void adopt(Enforcement enforcement) {
        guard.assertHeld();
        restricted = enforcement.restricted();
        awaited = enforcement.awaited();
        inForce = enforcement.inForce();
    }

    /** Lets the next change read all cgroups: writes have failed, or were undone. */
    public void forget() {
        guard.assertHeld();
        inForce = CpusetsInForce.UNKNOWN;
    }

    /**
     * Describes a part of a change that is not in force, after a pod has got its CPUs by it; null if all of it is. The
     * usual cause is a parent cgroup that is itself restricted.
     */
    @Nullable
    public String complaint(PodState pod, CpusetChange change) {
        CpuSet cpus = pod.placement().cpus().intersection(machine.cpus());
        CgroupPath parent = pod.cgroup().parent().orElse(CgroupPath.ROOT);
        CpuSet allowed = reader.allowed(parent);
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
