package io.podslice.simulator.kernel;

import io.podslice.cgroups.CgroupPath;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** One cgroup: its place in the tree, its processes, and the state of its cgroup.* files. */
final class Cgroup {
    /** The value of {@code max} in cgroup.max.depth and cgroup.max.descendants. */
    static final int NO_LIMIT = Integer.MAX_VALUE;

    final CgroupPath path;
    final @Nullable Cgroup parent;
    /** The child cgroups by name, in the order of their creation. */
    final Map<String, Cgroup> children = new LinkedHashMap<>();

    final SortedSet<Integer> processes = new TreeSet<>();
    /** The controllers enabled for the children. */
    final Set<Controller> subtreeControl = new LinkedHashSet<>();

    int maxDepth = NO_LIMIT;
    int maxDescendants = NO_LIMIT;
    boolean freeze;

    /** True if the content of one of its files may have changed since the mirror last wrote them. */
    boolean changed = true;

    Cgroup(CgroupPath path, @Nullable Cgroup parent) {
        this.path = path;
        this.parent = parent;
    }

    boolean isRoot() {
        return parent == null;
    }

    /** Returns true if the cgroup or one below it has a process. */
    boolean isPopulated() {
        return !processes.isEmpty() || hasPopulatedChild();
    }

    boolean hasPopulatedChild() {
        for (Cgroup child : children.values()) {
            if (child.isPopulated()) {
                return true;
            }
        }
        return false;
    }

    int descendants() {
        int count = children.size();
        for (Cgroup child : children.values()) {
            count += child.descendants();
        }
        return count;
    }

    int populationBelow() {
        int count = processes.size();
        for (Cgroup child : children.values()) {
            count += child.populationBelow();
        }
        return count;
    }

    boolean isFrozen() {
        return freeze || (parent != null && parent.isFrozen());
    }

    /** Returns true if a cgroup other than the root mixes processes with children under threaded controllers. */
    boolean isThreadRoot() {
        return parent != null && !processes.isEmpty() && subtreeControl.stream().anyMatch(Controller::isThreaded);
    }

    /** Returns true if the cgroup may become a thread root, by getting a process or a controller for its children. */
    boolean canBeThreadRoot() {
        return parent == null
                || (!hasPopulatedChild() && subtreeControl.stream().allMatch(Controller::isThreaded));
    }

    /** Returns false for a cgroup below a thread root, which can hold neither processes nor controllers. */
    boolean isValidDomain() {
        for (Cgroup above = parent; above != null; above = above.parent) {
            if (above.isThreadRoot()) {
                return false;
            }
        }
        return true;
    }

    /** Marks the cgroup and all above it as changed, since their files count its processes. */
    void markChangedUpwards() {
        for (Cgroup cgroup = this; cgroup != null; cgroup = cgroup.parent) {
            cgroup.changed = true;
        }
    }

    /** Marks the cgroup and all below it as changed, since their types and states follow from it. */
    void markChangedDownwards() {
        changed = true;
        children.values().forEach(Cgroup::markChangedDownwards);
    }
}
