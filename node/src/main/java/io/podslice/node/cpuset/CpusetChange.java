package io.podslice.node.cpuset;

import io.podslice.cgroups.CgroupFile;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.Plan;
import io.podslice.cgroups.Step;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The writes that lead from the present {@code cpuset.cpus} of some cgroups to the desired ones: first every cgroup
 * that must lose CPUs shrinks, then every cgroup that gains CPUs widens. In between no CPU has two owners.
 *
 * @param shrinks writes that take CPUs away
 * @param widens writes that give CPUs; a cgroup that moves to entirely other CPUs comes first
 */
public record CpusetChange(Plan shrinks, Plan widens) {

    /** No writes. */
    public static final CpusetChange NONE = new CpusetChange(Plan.EMPTY, Plan.EMPTY);

    /**
     * Returns the change for the cgroups in {@code wanted}.
     *
     * @param present the present set of each cgroup; one that is missing here does not exist, and is not written
     * @param wanted the desired set of each cgroup; the empty set stands for no restriction
     * @param all every CPU that pods can use, which is the set of a cgroup without restriction, and of one whose CPUs are
     *     all gone
     */
    public static CpusetChange between(Map<CgroupPath, CpuSet> present, Map<CgroupPath, CpuSet> wanted, CpuSet all) {
        List<Step> shrinks = new ArrayList<>();
        List<Step> moves = new ArrayList<>();
        List<Step> widens = new ArrayList<>();
        wanted.forEach((path, set) -> {
            CpuSet now = present.get(path);
            if (now == null || now.equals(set)) {
                return;
            }
            if (isUnrestricted(now, all) && isUnrestricted(set, all)) {
                return; // a list of all CPUs is no restriction: the kernel lets none be emptied that has processes
            }
            CpuSet before = effective(now, all);
            CpuSet after = effective(set, all);
            if (!before.intersects(after)) {
                moves.add(write(path, set));
            } else if (after.containsAll(before)) {
                widens.add(write(path, set));
            } else if (before.containsAll(after)) {
                shrinks.add(write(path, set));
            } else {
                shrinks.add(write(path, now.intersection(set)));
                widens.add(write(path, set));
            }
        });
        moves.addAll(widens);
        return new CpusetChange(new Plan(shrinks), new Plan(moves));
    }

    private static boolean isUnrestricted(CpuSet set, CpuSet all) {
        return set.isEmpty() || set.containsAll(all);
    }

    /** Returns the CPUs that a cgroup with that set runs on: all of them where none of the set is left, as in the kernel. */
    private static CpuSet effective(CpuSet set, CpuSet all) {
        CpuSet left = set.intersection(all);
        return left.isEmpty() ? all : left;
    }

    /** Returns the cgroups that the change writes to. */
    public Set<CgroupPath> paths() {
        Set<CgroupPath> paths = new HashSet<>();
        shrinks.steps().forEach(step -> paths.add(step.path()));
        widens.steps().forEach(step -> paths.add(step.path()));
        return paths;
    }

    /** Returns this change without the writes to some cgroups. */
    public CpusetChange without(Set<CgroupPath> left) {
        return new CpusetChange(without(shrinks, left), without(widens, left));
    }

    private static Plan without(Plan plan, Set<CgroupPath> left) {
        return new Plan(plan.steps().stream()
                .filter(step -> !left.contains(step.path()))
                .toList());
    }

    /** Makes a write that is left out if the cgroup is gone: the kubelet and the runtime remove cgroups at any time. */
    private static Step write(CgroupPath path, CpuSet cpus) {
        return new Step.WriteFile(path, CgroupFile.CPUSET_CPUS, cpus.toString(), true);
    }
}
