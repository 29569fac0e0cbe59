package io.podslice.managers.placement;

import io.podslice.managers.cpu.Isolation;
import io.podslice.managers.pod.Cfs;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.pod.PodCgroupValues;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.ResourceList;
import java.util.ArrayList;
import java.util.List;

/** The cgroup values of a placed pod. */
public final class PodValues {
    private PodValues() {}

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
