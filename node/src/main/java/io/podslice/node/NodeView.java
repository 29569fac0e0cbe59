package io.podslice.node;

import io.podslice.cgroups.CgroupPath;
import io.podslice.cgroups.CpuSet;
import io.podslice.managers.cpu.Isolation;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceRequirements;
import java.util.List;
import java.util.SortedMap;

/**
 * The node's state in public terms, for the node API.
 *
 * @param cpus every CPU that pods can use: those that are online and that the cgroups above pods allow
 * @param reserved CPUs that no pod gets for itself
 * @param nodeSharedPool CPUs on which the pods without CPUs of their own run
 * @param memoryProtection memory of the pods whose spec is known that is protected from reclaim
 * @param pods in order of namespace and name
 */
public record NodeView(
        CpuSet cpus, CpuSet reserved, CpuSet nodeSharedPool, NodeProtection memoryProtection, List<PodView> pods) {
    public NodeView {
        pods = List.copyOf(pods);
    }

    /** Returns the CPUs that are exclusive to one container. */
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
     * A pod that podslice manages.
     *
     * @param phase name of its {@link PodPhase}
     * @param inferred whether its resources are known from CRI alone
     * @param origin the source of its spec, and what the sources said of it
     * @param desired desired amounts; for a pod that is known from CRI alone, as for {@code allocated}, those of its
     *     desired cgroup values
     * @param allocated amounts that podslice has granted
     * @param overhead its overhead, which its cgroup's values include and the amounts do not
     * @param cpus all CPUs of its own
     * @param gone those of them that pods cannot use at the moment: they are offline, or a cgroup above forbids them
     * @param sharedPool the pod shared pool: CPUs of its own that no container has exclusively
     * @param numaNodes NUMA nodes of its CPUs
     * @param memoryNodes NUMA nodes that its memory is accounted on; empty where it is on none
     * @param cgroupValues desired values of its cgroup's files, by file name
     * @param conditions conditions of its pending resize and of the one in progress
     */
    public record PodView(
            String uid,
            String namespace,
            String name,
            CgroupPath cgroup,
            String sandboxId,
            String phase,
            boolean inferred,
            PodOrigin origin,
            ResourceRequirements desired,
            ResourceRequirements allocated,
            ResourceList overhead,
            CpuSet cpus,
            CpuSet gone,
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

        /** Returns the source of the pod's spec. */
        public SpecSource source() {
            return origin.source();
        }

        /** Returns the pod's priority; 0 where no source told it. */
        public int priority() {
            return origin.priority();
        }

        /** For messages: {@code namespace/name}. */
        public String fullName() {
            return namespace + "/" + name;
        }
    }

    /**
     * A container of a pod that podslice manages.
     *
     * @param id the runtime's; empty while the container does not exist
     * @param kind {@code app}, {@code init}, {@code sidecar} or {@code ephemeral}
     * @param isolation {@code container}, {@code pod} or {@code host}, as the kubelet calls the levels
     * @param cpus CPUs on which it runs, or will run once the runtime has made it
     * @param desired desired amounts
     * @param allocated amounts that podslice has granted
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
