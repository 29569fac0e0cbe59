package io.podslice.node.cpuset;

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
 * The writes that lead from one picture of {@code cpuset.cpus} to another: first every cgroup loses what it is to lose,
 * then every cgroup gains. In between no CPU has two owners.
 *
 * @param shrinks take CPUs away
 * @param widens give CPUs
 */
public record CpusetChange(Plan shrinks, Plan widens) {

    /** Nothing to write. */
    public static final CpusetChange NONE = new CpusetChange(Plan.EMPTY, Plan.EMPTY);

    private static final String FILE = "cpuset.cpus";

    /**
     * The change for the cgroups in {@code wanted}.
     *
     * @param present what each of them says now; one that is not in it does not exist
     * @param wanted what each shall say; the empty set stands for no restriction
     * @param all every CPU of the machine: what no restriction comes to
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
            CpuSet before = now.isEmpty() ? all : now;
            CpuSet after = set.isEmpty() ? all : set;
            CpuSet kept = before.intersection(after);
            if (kept.isEmpty()) {
                moves.add(write(path, set));
            } else if (kept.equals(before)) {
                widens.add(write(path, set));
            } else if (kept.equals(after)) {
                shrinks.add(write(path, set));
            } else {
                shrinks.add(write(path, kept));
                widens.add(write(path, set));
            }
        });
        moves.addAll(widens);
        return new CpusetChange(new Plan(shrinks), new Plan(moves));
    }

    /** The cgroups that it writes to. */
    public Set<CgroupPath> paths() {
        Set<CgroupPath> paths = new HashSet<>();
        shrinks.steps().forEach(step -> paths.add(step.path()));
        widens.steps().forEach(step -> paths.add(step.path()));
        return paths;
    }

    /** The change but for those cgroups. */
    public CpusetChange without(Set<CgroupPath> left) {
        return new CpusetChange(without(shrinks, left), without(widens, left));
    }

    private static Plan without(Plan plan, Set<CgroupPath> left) {
        return new Plan(plan.steps().stream()
                .filter(step -> !left.contains(step.path()))
                .toList());
    }

    /** The kubelet and the runtime remove cgroups at any time. */
    private static Step write(CgroupPath path, CpuSet cpus) {
        return new Step.WriteFile(path, FILE, cpus.toString(), true);
    }
}
