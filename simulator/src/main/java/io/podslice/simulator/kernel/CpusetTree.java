package io.podslice.simulator.kernel;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The cpusets of the tree, and the effective CPUs and memory nodes of each, which follow from the settings and from
 * the partitions that are valid.
 */
final class CpusetTree {
    /** The CPUs that the machine may ever have, online or not. */
    final CpuSet possible;

    CpuSet online;
    /** CPUs isolated at boot; only isolated partitions may have them. */
    final CpuSet bootIsolated;

    final CpuSet possibleNodes;
    private final CpuSet nodesWithMemory;
    private final Map<Cgroup, Cpuset> cpusets = new HashMap<>();
    private @Nullable Cpuset root;

    CpusetTree(Machine machine) {
        online = machine.cpuSet();
        possible = online.union(machine.offline());
        bootIsolated = machine.isolated();
        possibleNodes = machine.numaNodes();
        CpuSet withMemory = CpuSet.empty();
        for (Map.Entry<Integer, Long> node : machine.memory().entrySet()) {
            if (node.getValue() > 0) {
                withMemory = withMemory.union(CpuSet.of(node.getKey()));
            }
        }
        nodesWithMemory = withMemory;
    }

    Cpuset root() {
        if (root == null) {
            throw new IllegalStateException("no root yet");
        }
        return root;
    }

    Cpuset add(Cgroup cgroup) {
        Cpuset cpuset = new Cpuset(cgroup, cgroup.parent == null ? null : cpusets.get(cgroup.parent));
        cpusets.put(cgroup, cpuset);
        if (cpuset.isRoot()) {
            root = cpuset;
            cpuset.type = PartitionType.ROOT;
            cpuset.valid = true;
            cpuset.claiming = true;
            cpuset.cpus = possible;
            cpuset.exclusive = possible;
            cpuset.exclusiveEffective = possible;
        }
        return cpuset;
    }

    void remove(Cgroup cgroup) {
        cpusets.remove(cgroup);
    }

    @Nullable
    Cpuset get(Cgroup cgroup) {
        return cpusets.get(cgroup);
    }

    /** Returns the cpuset that applies to the cgroup: its own, or that of the nearest cgroup above that has one. */
    Cpuset of(Cgroup cgroup) {
        for (Cgroup at = cgroup; at != null; at = at.parent) {
            Cpuset cpuset = cpusets.get(at);
            if (cpuset != null) {
                return cpuset;
            }
        }
        return root();
    }

    List<Cpuset> children(Cpuset cpuset) {
        List<Cpuset> children = new ArrayList<>();
        for (Cgroup child : cpuset.cgroup.children.values()) {
            Cpuset own = cpusets.get(child);
            if (own != null) {
                children.add(own);
            }
        }
        return children;
    }

    /** Returns the CPUs that partitions have taken from the root. */
    CpuSet handedOut() {
        CpuSet taken = CpuSet.empty();
        for (Cpuset cpuset : cpusets.values()) {
            if (cpuset.valid
                    && !cpuset.isRoot()
                    && (cpuset.remote || cpuset.parent().isRoot())) {
                taken = taken.union(cpuset.exclusiveEffective);
            }
        }
        return taken;
    }

    /** Returns the CPUs of isolated partitions, and those isolated at boot. */
    CpuSet isolated() {
        return isolated(root(), bootIsolated).union(remoteIsolated());
    }

    private CpuSet isolated(Cpuset partition, CpuSet isolated) {
        CpuSet result = isolated;
        for (Cpuset child : children(partition)) {
            if (child.isLocalPartition()) {
                result = child.type == PartitionType.ISOLATED
                        ? result.union(child.exclusiveEffective)
                        : result.minus(child.exclusiveEffective);
                result = isolated(child, result);
            }
        }
        return result;
    }

    private CpuSet remoteIsolated() {
        CpuSet result = CpuSet.empty();
        for (Cpuset cpuset : cpusets.values()) {
            if (cpuset.remote) {
                CpuSet own = cpuset.type == PartitionType.ISOLATED ? cpuset.exclusiveEffective : CpuSet.empty();
                result = result.union(isolated(cpuset, own));
            }
        }
        return result;
    }

    List<Cpuset> remotePartitions() {
        return cpusets.values().stream().filter(cpuset -> cpuset.remote).toList();
    }

    /** Computes every cpuset's effective CPUs and memory nodes from its settings and those above it. */
    void refresh() {
        Cpuset top = root();
        top.effective = online.minus(handedOut());
        top.memsEffective = nodesWithMemory;
        refreshBelow(top);
        CpuSet isolated = isolated();
        for (Cpuset cpuset : cpusets.values()) {
            cpuset.noteWhatFilesShow(cpuset.isRoot() ? isolated : cpuset.exclusiveEffective);
        }
    }

    private void refreshBelow(Cpuset parent) {
        for (Cpuset child : children(parent)) {
            CpuSet mems = orElse(child.mems.intersection(parent.memsEffective), parent.memsEffective);
            CpuSet cpus = child.valid && (child.remote || parent.valid)
                    ? left(child)
                    : orElse(child.cpus.intersection(parent.effective), parent.effective);
            child.effective = cpus;
            child.memsEffective = mems;
            refreshBelow(child);
        }
    }

    /** Returns the CPUs that a partition has not handed out to a partition below it. */
    private CpuSet left(Cpuset partition) {
        CpuSet left = partition.exclusiveEffective.intersection(online);
        for (Cpuset child : children(partition)) {
            if (child.isLocalPartition()) {
                left = left.minus(child.exclusiveEffective);
            }
        }
        return left;
    }

    private static CpuSet orElse(CpuSet own, CpuSet otherwise) {
        return own.isEmpty() ? otherwise : own;
    }
}
