package io.podslice.managers.placement;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.pod.ContainerKind;
import java.util.ArrayList;
import java.util.List;

/** Cuts the containers' slices out of a pod's CPUs. */
final class SliceCutter {
    private final Machine machine;
    private final CpuPicker picker;

    SliceCutter(Machine machine, CpuPicker picker) {
        this.machine = machine;
        this.picker = picker;
    }

    /** The long-running containers first: they have their CPUs for good; init containers then use the same ones. */
    static List<ContainerDemand> inOrderOfCutting(PodDemand demand) {
        List<ContainerDemand> order = new ArrayList<>();
        for (ContainerDemand container : demand.containers()) {
            if (container.kind().isLongRunning()) {
                order.add(container);
            }
        }
        for (ContainerDemand container : demand.containers()) {
            if (container.kind() == ContainerKind.INIT) {
                order.add(container);
            }
        }
        return order;
    }

    /** A slice for every container that asks for one; the pod's CPUs are enough for them. */
    List<ExclusiveSlice> cutAll(PodDemand demand, CpuSet cpus) {
        PodPlacement cut = PodPlacement.none(demand);
        CpuSet left = cpus;
        for (ContainerDemand container : inOrderOfCutting(demand)) {
            if (!container.isExclusive()) {
                continue;
            }
            CpuSet slice;
            if (container.kind() == ContainerKind.INIT) {
                CpuSet reused = cut(container.cpus(), reusable(container, demand, cut));
                slice = reused.union(cut(container.cpus() - reused.size(), left));
            } else {
                slice = cut(container.cpus(), left);
                left = left.minus(slice);
            }
            cut = cut.withSlice(demand, new ExclusiveSlice(container.name(), container.kind(), slice));
        }
        return cut.slices();
    }

    /** Slices of containers that start only after this init container has ended; nothing for other containers. */
    CpuSet reusable(ContainerDemand container, PodDemand demand, PodPlacement cut) {
        if (container.kind() != ContainerKind.INIT) {
            return CpuSet.empty();
        }
        CpuSet reusable = cut.cpus().union(cut.sliced());
        for (ContainerDemand before : demand.containers()) {
            if (before.name().equals(container.name())) {
                break;
            }
            if (before.kind() == ContainerKind.SIDECAR) {
                reusable = reusable.minus(
                        cut.slice(before.name()).map(ExclusiveSlice::cpus).orElse(CpuSet.empty()));
            }
        }
        return reusable;
    }

    /** So many CPUs of the pool, on the one NUMA node that has the fewest that are enough, where there is one. */
    CpuSet cut(int cpus, CpuSet pool) {
        CpuSet best = pool;
        CpuSet nodes = machine.nodesOf(pool);
        for (int node = nodes.first(); node >= 0; node = nodes.next(node + 1)) {
            CpuSet onNode = pool.intersection(machine.cpusOfNode(node));
            boolean fewer = best.equals(pool) || onNode.size() < best.size();
            if (onNode.size() >= cpus && fewer) {
                best = onNode;
            }
        }
        return picker.pick(cpus, best);
    }
}
