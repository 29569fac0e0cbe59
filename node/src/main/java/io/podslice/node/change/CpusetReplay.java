package io.podslice.node.change;

import io.podslice.cgroups.AppliedStep;
import io.podslice.cgroups.CgroupFile;
import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.Step;
import io.podslice.node.cpuset.Owners;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The CPU sets in a {@link PlanVerifier}'s model of the tree. A CPU that has two owners before the plan is not counted
 * as the plan's harm.
 */
final class CpusetReplay {
    private final Owners owners;
    private final CpuSet all;
    private final Map<CgroupPath, CpuSet> own = new TreeMap<>();
    private final Set<CgroupPath> inner = new HashSet<>();
    private final Map<CgroupPath, CpuSet> effective = new HashMap<>();

    /** The number of writes of each cgroup's set that are still to come. */
    private final Map<CgroupPath, Integer> toCome = new HashMap<>();

    CpusetReplay(Owners owners, Map<CgroupPath, CpuSet> present, CpuSet all) {
        this.owners = owners;
        this.all = all;
        own.putAll(present);
        for (CgroupPath path : present.keySet()) {
            if (owners.isFolder(path)) {
                inner.add(path);
            }
            path.parent().ifPresent(this::addInner);
        }
        for (CgroupPath path : present.keySet()) {
            if (!inner.contains(path)) {
                effective.put(path, effectiveOf(path));
            }
        }
    }

    private void addInner(CgroupPath path) {
        if (inner.add(path)) {
            path.parent().ifPresent(this::addInner);
        }
    }

    /**
     * Returns the effective set as the kernel computes it: the cgroup's own set within that of its parent. A set that
     * has no CPU of the parent's counts as no restriction.
     */
    private CpuSet effectiveOf(CgroupPath path) {
        CpuSet above = path.parent().map(this::effectiveOf).orElse(all);
        CpuSet set = own.get(path);
        if (set == null || set.isEmpty()) {
            return above;
        }
        CpuSet left = set.intersection(above);
        return left.isEmpty() ? above : left;
    }

    void removed(CgroupPath path) {
        own.keySet().removeIf(other -> other.isWithin(path));
        effective.keySet().removeIf(other -> other.isWithin(path));
    }

    /** Counts the writes of each cgroup's set. */
    void lookAhead(List<AppliedStep> steps) {
        for (AppliedStep step : steps) {
            if (step.step() instanceof Step.WriteFile write && write.file().equals(CgroupFile.CPUSET_CPUS)) {
                toCome.merge(write.path(), 1, Integer::sum);
            }
        }
    }

    /** Replays a write, and returns the harm that it does; null for none. */
    @Nullable
    String written(CgroupPath path, CpuSet cpus) {
        toCome.merge(path, -1, Integer::sum);
        boolean leaf = !inner.contains(path);
        if (leaf && cpus.isEmpty() && !owners.of(path).equals(Owners.NODE)) {
            return "it belongs to " + owners.of(path) + " and would be left without a CPU set";
        }
        own.put(path, cpus);
        if (!cpus.isEmpty() && comesToNothing(path, cpus)) {
            return "none of CPUs " + cpus + " is allowed by the cgroups above: the set would be empty";
        }
        if (leaf) {
            return changed(path);
        }
        for (CgroupPath below : own.keySet()) {
            if (below.isWithin(path) && !inner.contains(below)) {
                String harm = changed(below);
                if (harm != null) {
                    return harm;
                }
            }
        }
        return null;
    }

    /**
     * Tells if the cgroups above allow none of the CPUs. Does not ask while a write of one above is still to come: a
     * repair may find it too narrow, and widen it only after this cgroup has shrunk.
     */
    private boolean comesToNothing(CgroupPath path, CpuSet cpus) {
        for (CgroupPath above = path.parent().orElse(null);
                above != null;
                above = above.parent().orElse(null)) {
            if (toCome.getOrDefault(above, 0) > 0) {
                return false;
            }
        }
        return !cpus.intersects(path.parent().map(this::effectiveOf).orElse(all));
    }

    private @Nullable String changed(CgroupPath leaf) {
        CpuSet before = effective.getOrDefault(leaf, CpuSet.empty());
        CpuSet after = effectiveOf(leaf);
        effective.put(leaf, after);
        CpuSet grown = after.minus(before);
        if (grown.isEmpty()) {
            return null;
        }
        String owner = owners.of(leaf);
        for (Map.Entry<CgroupPath, CpuSet> other : effective.entrySet()) {
            if (other.getValue().intersects(grown) && !owners.of(other.getKey()).equals(owner)) {
                return "CPUs " + other.getValue().intersection(grown) + " would be in " + leaf + " (" + name(owner)
                        + ") and in " + other.getKey() + " (" + name(owners.of(other.getKey())) + ")";
            }
        }
        return null;
    }

    private static String name(String owner) {
        return owner.equals(Owners.NODE) ? "the node shared pool" : owner;
    }
}
