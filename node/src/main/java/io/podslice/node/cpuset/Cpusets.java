package io.podslice.node.cpuset;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.managers.cpu.Isolation;
import io.podslice.managers.placement.ContainerCpus;
import io.podslice.node.state.ContainerState;
import io.podslice.node.state.NodeState;
import io.podslice.node.state.PodState;
import java.util.HashSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The desired {@code cpuset.cpus} of every cgroup that podslice restricts. The node shared pool is set on the highest
 * cgroups all of whose pods are in it, so that few writes move any number of containers; inside a pod that has CPUs of
 * its own, each container has its exclusive slice or a shared pool.
 */
public final class Cpusets {
    private Cpusets() {}

    /**
     * Returns the desired set of every cgroup; the empty set stands for no restriction.
     *
     * @param pool the CPUs of the node shared pool
     * @param usable the CPUs that pods can use at the moment
     * @param tree the cgroups that exist between the root of all pods and the pods
     */
    public static SortedMap<CgroupPath, CpuSet> of(NodeState state, CpuSet pool, CpuSet usable, PodTree tree) {
        SortedMap<CgroupPath, CpuSet> cpusets = new TreeMap<>();
        boolean anyCpus = state.anyCpus();
        if (anyCpus) {
            Set<CgroupPath> own = new HashSet<>();
            for (PodState pod : state.pods()) {
                if (pod.hasCpus()) {
                    own.add(pod.cgroup());
                }
            }
            addPools(tree.root(), own, pool, tree, cpusets);
        }
        for (PodState pod : state.pods()) {
            if (pod.hasCpus()) {
                addPod(pod, pool, usable, cpusets);
            } else if (anyCpus && !pod.cgroup().isWithin(tree.root())) {
                cpusets.put(pod.cgroup(), pool);
            }
        }
        return cpusets;
    }

    private static void addPools(
            CgroupPath parent, Set<CgroupPath> own, CpuSet pool, PodTree tree, SortedMap<CgroupPath, CpuSet> cpusets) {
        for (CgroupPath child : tree.children(parent)) {
            if (own.contains(child)) {
                continue;
            }
            if (tree.leadsToCpus(child)) {
                cpusets.put(child, CpuSet.empty());
                addPools(child, own, pool, tree, cpusets);
            } else {
                cpusets.put(child, pool);
            }
        }
    }

    private static void addPod(PodState pod, CpuSet nodePool, CpuSet usable, SortedMap<CgroupPath, CpuSet> cpusets) {
        CpuSet sandbox = sandboxOf(pod, nodePool, usable);
        // Until the sandbox's own cgroup is known, the set of the pod's cgroup keeps the sandbox, and the programs that
        // start it, off other pods' CPUs.
        cpusets.put(pod.cgroup(), pod.phase().awaitsSandbox() ? sandbox : CpuSet.empty());
        if (!pod.sandboxId().isEmpty()) {
            cpusets.put(pod.cgroupOf(pod.sandboxId()), sandbox);
        }
        for (ContainerState container : pod.containers()) {
            if (!container.id().isEmpty()) {
                cpusets.put(pod.cgroupOf(container.id()), ofContainer(pod, container.name(), nodePool, usable));
            }
        }
    }

    private static CpuSet sandboxOf(PodState pod, CpuSet nodePool, CpuSet usable) {
        return pod.sharedPool().intersects(usable) ? pod.sharedPool() : nodePool;
    }

    /**
     * Returns the desired cpuset of a container whose pod has CPUs of its own. A container whose CPUs are all gone runs in
     * its pod's shared pool, or in the node's: left alone, it would run on the CPUs of all other pods.
     *
     * @param usable the CPUs that pods can use at the moment
     */
    public static CpuSet ofContainer(PodState pod, String container, CpuSet nodePool, CpuSet usable) {
        ContainerCpus cpus = pod.cpusOf(container);
        if (cpus.isolation() == Isolation.HOST) {
            return nodePool;
        }
        return cpus.cpus().intersects(usable) ? cpus.cpus() : sandboxOf(pod, nodePool, usable);
    }
}
