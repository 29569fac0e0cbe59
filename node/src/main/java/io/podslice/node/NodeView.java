package io.podslice.node;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.managers.cpu.Isolation;
import io.podslice.managers.pod.ResourceRequirements;
import java.util.List;
import java.util.SortedMap;

/**
 * The node as podslice sees it, for people and programs to look at.
 *
 * @param cpus every online CPU
 * @param reserved CPUs that no pod gets for itself
 * @param nodeSharedPool CPUs of the pods that have none of their own
 * @param memoryProtection how much memory is protected for the pods whose spec is known
 * @param pods in order of namespace and name
 */
public record NodeView(
        CpuSet cpus, CpuSet reserved, CpuSet nodeSharedPool, NodeProtection memoryProtection, List<PodView> pods) {
    public NodeView {
        pods = List.copyOf(pods);
    }

    /** CPUs that containers have for themselves. */
    public CpuSet exclusiveCpus() {
        CpuSet exclusive = CpuSet.empty();
        for (PodView pod : pods) {
            for (ContainerView container : pod.containers()) {
                if (container.isolation().equals(Isolation.CONTAINER.text())) {
                    exclusive = exclusive.union(container.cpus());
                }
            }
        }
        return exclusive;
    }

    /**
     * A pod that podslice has a hand in.
     *
     * @param phase {@code STARTING}, {@code RUNNING} or {@code STOPPED}
     * @param inferred whether its resources are known from CRI alone
     * @param desired what it is asked to have; of a pod that is known from CRI alone what its cgroup shall say, as for
     *     {@code allocated}
     * @param allocated what podslice has granted it
     * @param cpus all CPUs of its own
     * @param sharedPool those that its sharing containers run on
     * @param numaNodes where its CPUs are
     * @param memoryNodes the NUMA nodes that its memory is accounted on; empty where it is on none
     * @param cgroupValues what podslice keeps in its cgroup, by file
     * @param conditions where its resizes stand
     */
    public record PodView(
            String uid,
            String namespace,
            String name,
            CgroupPath cgroup,
            String sandboxId,
            String phase,
            boolean inferred,
            ResourceRequirements desired,
            ResourceRequirements allocated,
            CpuSet cpus,
            CpuSet sharedPool,
            CpuSet numaNodes,
            CpuSet memoryNodes,
            SortedMap<String, String> cgroupValues,
            List<ContainerView> containers,
            List<ResizeCondition> conditions) {
        public PodView {
            containers = List.copyOf(containers);
            conditions = List.copyOf(conditions);
        }

        /** For messages: {@code namespace/name}. */
        public String fullName() {
            return namespace + "/" + name;
        }
    }

    /**
     * A container of such a pod.
     *
     * @param id the runtime's; empty while the container does not exist
     * @param kind {@code app}, {@code init}, {@code sidecar} or {@code ephemeral}
     * @param isolation {@code container}, {@code pod} or {@code host}, as the kubelet calls the levels
     * @param cpus where it runs or will run
     * @param desired what it is asked to have
     * @param allocated what podslice has granted it
     */
    public record ContainerView(
            String name,
            String id,
            String kind,
            String isolation,
            CpuSet cpus,
            ResourceRequirements desired,
            ResourceRequirements allocated) {}
}
