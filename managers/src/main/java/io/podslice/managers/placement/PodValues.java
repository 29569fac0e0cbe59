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
 * The cgroup values of a placed pod, and the values that each of its containers is created with, once the pod runs.
 *
 * @param cgroup the pod's cgroup; without a quota where it would throttle only containers with exclusive CPUs
 * @param containers in the spec's order
 */
public record PodValues(PodCgroupValues cgroup, List<Container> containers) {

    /**
     * The values of one container.
     *
     * @param isolation the level at which the container shares its CPUs
     * @param cpus the CPUs that it runs on, which may be the node shared pool
     * @param mems the NUMA nodes that its memory is restricted to; empty for no restriction
     * @param resources limits, shares and quota, its own or the pod's; a quota of -1 is lifted, 0 is not set
     */
    public record Container(
            String name, ContainerKind kind, Isolation isolation, CpuSet cpus, CpuSet mems, LinuxResources resources) {}

    public PodValues {
        containers = List.copyOf(containers);
    }

    /**
     * Returns the values of a placed pod.
     *
     * @param pod the pod with its defaults
     * @param nodeSharedPool the CPUs of containers at level {@code host}
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
     * Returns the values of the pod's cgroup. As in the kubelet, the quota of a pod with pod-level resources is lifted
     * where all its containers have exclusive CPUs, and that of any other pod where one container has.
     */
    public static PodCgroupValues cgroup(PodSpec pod, PodPlacement placement, ResourceList overhead, Cfs cfs) {
        PodCgroupValues values = PodCgroupValues.of(pod, overhead, cfs);
        return liftsQuota(pod, placement) ? values.withoutQuota() : values;
    }

    /** Tells if the pod's quota is lifted. */
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
