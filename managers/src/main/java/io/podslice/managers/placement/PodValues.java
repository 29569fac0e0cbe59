package io.podslice.managers.placement;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.cpu.Isolation;
import io.podslice.managers.pod.Cfs;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.ContainerSpec;
import io.podslice.managers.pod.ContainerValues;
import io.podslice.managers.pod.LinuxResources;
import io.podslice.managers.pod.PodCgroupValues;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.ResourceList;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What a placed pod comes to: the values of its cgroup, and what each container is created with, once the pod runs.
 *
 * @param cgroup of the pod's cgroup; no quota where it would throttle only those who have CPUs of their own
 * @param containers in the spec's order
 */
public record PodValues(PodCgroupValues cgroup, List<Container> containers) {

    /**
     * One container's.
     *
     * @param isolation whom it shares its CPUs with
     * @param cpus where it runs, be it the node shared pool
     * @param mems the NUMA nodes that its memory is kept to; empty where it is not
     * @param resources limits, shares and quota, its own or the pod's; a quota of -1 is lifted, 0 is none
     */
    public record Container(
            String name, ContainerKind kind, Isolation isolation, CpuSet cpus, CpuSet mems, LinuxResources resources) {}

    public PodValues {
        containers = List.copyOf(containers);
    }

    /**
     * The values of a pod that was placed.
     *
     * @param pod with its defaults
     * @param nodeSharedPool where containers at level {@code host} run
     * @param overhead the pod's overhead
     */
    public static PodValues of(
            PodSpec pod, PodPlacement placement, CpuSet nodeSharedPool, ResourceList overhead, Cfs cfs) {
        List<Container> containers = new ArrayList<>(pod.containers().size());
        for (ContainerSpec container : pod.containers()) {
            ContainerCpus where = placement.of(container.name(), Set.of());
            CpuSet cpus = where.isolation() == Isolation.HOST ? nodeSharedPool : where.cpus();
            CpuSet mems = placement.mems(container.name());
            LinuxResources values = container.kind() == ContainerKind.EPHEMERAL
                    ? LinuxResources.NONE
                    : ContainerValues.of(pod, container, cfs);
            if (where.isolation().liftsQuota()) {
                values = values.withCpuQuota(-1, cfs.periodMicros());
            }
            containers.add(new Container(
                    container.name(),
                    container.kind(),
                    where.isolation(),
                    cpus,
                    mems,
                    values.withCpuset(cpus.toString(), mems.toString())));
        }
        return new PodValues(cgroup(pod, placement, overhead, cfs), containers);
    }

    /**
     * The values of the pod's cgroup. The kubelet lifts the quota of a pod with resources of its own where all its
     * containers have CPUs of their own, and of one without where any has.
     */
    public static PodCgroupValues cgroup(PodSpec pod, PodPlacement placement, ResourceList overhead, Cfs cfs) {
        PodCgroupValues values = PodCgroupValues.of(pod, overhead, cfs);
        return liftsQuota(pod, placement) ? values.withoutQuota() : values;
    }

    /** Whether the pod's quota is lifted. */
    public static boolean liftsQuota(PodSpec pod, PodPlacement placement) {
        List<Isolation> levels = new ArrayList<>();
        for (ContainerPlacement container : placement.containers()) {
            if (container.kind() != ContainerKind.EPHEMERAL) {
                levels.add(container.isExclusive() ? Isolation.CONTAINER : Isolation.HOST);
            }
        }
        return Isolation.liftsPodQuota(pod.hasPodLevelResources(), levels);
    }
}
