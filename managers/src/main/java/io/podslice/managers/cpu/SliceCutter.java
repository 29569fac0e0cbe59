package io.podslice.managers.cpu;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.topology.Rejection;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Divides a pod's CPUs among its containers, as in KEP-5526: exclusive slices in the order of the containers, and the
 * pod shared pool for the rest. An init container has ended before the containers after it run, so their CPUs may
 * overlap, but never with those of a sidecar that started before it. Containers keep the CPUs that they have already.
 */
final class SliceCutter {
    private final CpuDemand demand;
    private final CpuPicker picker;
    private CpuManagerState.Pod pod;

    SliceCutter(CpuDemand demand, CpuPicker picker, CpuManagerState.Pod pod) {
        this.demand = demand;
        this.picker = picker;
        this.pod = pod;
    }

    /**
     * Passes the pod with all containers' CPUs to the receiver, or returns the reason for which they do not suffice.
     */
    Optional<Rejection> cut(Consumer<CpuManagerState.Pod> receiver) {
        CpuSet free = pod.ofPod().minus(kept());
        CpuSet sidecars = CpuSet.empty();
        for (int i = 0; i < demand.own().size(); i++) {
            ContainerKind kind = demand.kind(i);
            CpuSet has = pod.containers().get(name(i));
            if (has == null && (kind == ContainerKind.INIT || !demand.shares(i))) {
                CpuSet from = kind == ContainerKind.INIT ? pod.ofPod().minus(sidecars) : free;
                int count = demand.own().get(i);
                if (count > from.size()) {
                    return Optional.of(notEnough(i, count, from));
                }
                has = demand.shares(i) ? from : picker.slice(from, count);
                pod = pod.with(name(i), has);
            }
            if (has != null && kind != ContainerKind.INIT && !demand.shares(i)) {
                free = free.minus(has);
                sidecars = kind == ContainerKind.SIDECAR ? sidecars.union(has) : sidecars;
            }
        }
        for (int i = 0; i < demand.own().size(); i++) {
            if (!pod.containers().containsKey(name(i))) {
                pod = pod.with(name(i), free);
            }
        }
        receiver.accept(pod);
        return Optional.empty();
    }

    /** Returns the slices that long-running containers have already. */
    private CpuSet kept() {
        CpuSet kept = CpuSet.empty();
        for (int i = 0; i < demand.own().size(); i++) {
            if (demand.kind(i) != ContainerKind.INIT && !demand.shares(i)) {
                kept = kept.union(pod.containers().getOrDefault(name(i), CpuSet.empty()));
            }
        }
        return kept;
    }

    private String name(int container) {
        return demand.spec().containers().get(container).name();
    }

    private Rejection notEnough(int container, int count, CpuSet from) {
        return Rejection.unexpected(
                Rejection.Manager.CPU,
                "not enough cpus available to satisfy request: requested=" + count + ", available=" + from.size(),
                "container " + name(container) + " asks for " + count + " of the pod's " + demand.ofPod()
                        + " CPUs; those before it leave " + from.size()
                        + (from.isEmpty() ? "" : " (" + from + ")"));
    }
}
