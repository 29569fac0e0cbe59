package io.podslice.node.cpuset;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.managers.placement.ContainerCpus;
import io.podslice.node.state.ContainerState;
import io.podslice.node.state.NodeState;
import io.podslice.node.state.PodState;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The owner of the CPUs that a cgroup's processes use: a container with an exclusive slice, a pod's shared pool, or the
 * node shared pool. Two cgroups of different owners have no CPU in common.
 */
public final class Owners {
    /** The node shared pool, the owner of every cgroup that has no CPUs of its own. */
    public static final String NODE = "";

    private final Map<CgroupPath, String> owners;
    private final Set<CgroupPath> folders;

    private Owners(Map<CgroupPath, String> owners, Set<CgroupPath> folders) {
        this.owners = owners;
        this.folders = folders;
    }

    /**
     * Returns the owners of all cgroups in a state. Those whose CPUs are all gone are in a shared pool.
     *
     * @param usable the CPUs that pods can use at the moment
     */
    public static Owners of(NodeState state, CpuSet usable) {
        Map<CgroupPath, String> owners = new HashMap<>();
        Set<CgroupPath> folders = new HashSet<>();
        for (PodState pod : state.pods()) {
            if (!pod.hasCpus()) {
                continue;
            }
            String pool = pod.sharedPool().intersects(usable) ? "the shared pool of pod " + pod.fullName() : NODE;
            if (pod.phase().awaitsSandbox()) {
                owners.put(pod.cgroup(), pool);
            } else {
                folders.add(pod.cgroup());
            }
            if (!pod.sandboxId().isEmpty()) {
                owners.put(pod.cgroupOf(pod.sandboxId()), pool);
            }
            for (ContainerState container : pod.containers()) {
                if (!container.id().isEmpty()) {
                    owners.put(pod.cgroupOf(container.id()), ownerOf(pod, container, pool, usable));
                }
            }
        }
        return new Owners(owners, folders);
    }

    private static String ownerOf(PodState pod, ContainerState container, String pool, CpuSet usable) {
        ContainerCpus cpus = pod.cpusOf(container.name());
        return switch (cpus.isolation()) {
            case CONTAINER ->
                cpus.cpus().intersects(usable) ? "container " + pod.fullName() + "/" + container.name() : pool;
            case POD -> pool;
            case HOST -> NODE;
        };
    }

    /** Returns the owner of a cgroup's CPUs, for messages and comparisons; {@link #NODE} for the node shared pool. */
    public String of(CgroupPath path) {
        return owners.getOrDefault(path, NODE);
    }

    /**
     * Tells if the cgroup is that of a running pod with CPUs of its own: it has no processes, and each of its children
     * has an owner.
     */
    public boolean isFolder(CgroupPath path) {
        return folders.contains(path);
    }
}
