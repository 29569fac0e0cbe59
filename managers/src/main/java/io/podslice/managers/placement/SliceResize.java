package io.podslice.managers.placement;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.cpu.CpuManager;
import io.podslice.managers.cpu.CpuResize;
import io.podslice.managers.placement.Placement.Placed;
import io.podslice.managers.placement.Placement.Rejected;
import io.podslice.managers.pod.ContainerKind;
import io.podslice.managers.topology.Rejection;
import io.podslice.managers.topology.TopologyPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Resizes exclusive slices: in a pod with a CPU set between the slice and the pod shared pool, in any other pod between
 * the slice and the node shared pool. A slice keeps the CPUs that it was admitted with as long as others can go.
 */
final class SliceResize {
    private final @Nullable CpuManager manager;
    private final TopologyPolicy policy;
    private final CpuSet heldByOthers;

    SliceResize(@Nullable CpuManager manager, TopologyPolicy policy, CpuSet heldByOthers) {
        this.manager = manager;
        this.policy = policy;
        this.heldByOthers = heldByOthers;
    }

    /** Returns the pod with its slices shrunk to these sizes, where they are smaller than the present ones. */
    Placement shrunk(PodPlacement pod, SortedMap<String, Integer> sizes) {
        PodPlacement result = pod;
        for (Map.Entry<String, Integer> size : sizes.entrySet()) {
            ContainerPlacement slice = slice(pod, size.getKey());
            if (slice == null || size.getValue() >= slice.own().size()) {
                continue;
            }
            if (manager == null) {
                return withoutManager(slice, size.getValue());
            }
            CpuResize resize = manager.resize(heldBeside(result, slice), slice.own());
            if (pod.ofPod().isEmpty()) {
                Rejected misfit = PlacementResize.wholeCores(resize, size.getValue());
                if (misfit != null) {
                    return misfit;
                }
            }
            CpuSet kept = resize.without(slice.added(), CpuSet.empty(), size.getValue());
            Optional<Rejection> broken = pod.ofPod().isEmpty() ? resize.misfit(kept) : Optional.empty();
            if (broken.isPresent()) {
                return PlacementResize.rejected(PlacementResize.INFEASIBLE, broken.get());
            }
            List<Integer> added = new ArrayList<>(slice.added());
            added.removeIf(cpu -> !kept.contains(cpu));
            result = result.with(new ContainerPlacement(slice.name(), slice.kind(), kept, added));
        }
        return new Placed(result);
    }

    /** Returns the pod with its slices grown to these sizes, where they are larger than the present ones. */
    Placement grown(PodPlacement pod, SortedMap<String, Integer> sizes) {
        Placement result = new Placed(pod);
        for (Map.Entry<String, Integer> size : sizes.entrySet()) {
            ContainerPlacement slice = slice(pod, size.getKey());
            if (slice != null
                    && size.getValue() > slice.own().size()
                    && result instanceof Placed(PodPlacement before)) {
                result = grown(before, slice, size.getValue());
            }
        }
        return result;
    }

    private Placement grown(PodPlacement pod, ContainerPlacement slice, int count) {
        if (manager == null) {
            return withoutManager(slice, count);
        }
        CpuResize resize = manager.resize(heldBeside(pod, slice), slice.own());
        return pod.ofPod().isEmpty() ? fromNode(resize, pod, slice, count) : fromPool(resize, pod, slice, count);
    }

    private static Placement fromPool(CpuResize resize, PodPlacement pod, ContainerPlacement slice, int count) {
        int more = count - slice.own().size();
        CpuSet pool = pod.ofPod();
        boolean earlier = true;
        for (ContainerPlacement other : pod.containers()) {
            earlier &= !other.name().equals(slice.name());
            // An init container has ended when an app container runs; beside a sidecar run the containers that start
            // after it.
            boolean ended = slice.kind() == ContainerKind.APP || (slice.kind() == ContainerKind.SIDECAR && earlier);
            pool = ended && other.kind() == ContainerKind.INIT ? pool : pool.minus(other.own());
        }
        int most = Math.max(0, pool.size() - (PlacementResize.shares(pod) ? 1 : 0));
        if (more > most) {
            return PlacementResize.rejected(
                    PlacementResize.INFEASIBLE,
                    asked(slice, count) + "; the pod shared pool has " + pool.size()
                            + (pool.isEmpty() ? "" : " (" + pool + ")")
                            + (PlacementResize.shares(pod) ? " and keeps one" : ""),
                    "at most " + (slice.own().size() + most) + " would fit into the pod's "
                            + pod.ofPod().size() + " CPUs",
                    "asked " + count + " CPUs, " + pool.size() + " free in the pod shared pool, "
                            + (slice.own().size() + most) + " fit");
        }
        return new Placed(pod.with(with(slice, resize.nearFrom(pool, more))));
    }

    private Placement fromNode(CpuResize resize, PodPlacement pod, ContainerPlacement slice, int count) {
        Rejected misfit = PlacementResize.wholeCores(resize, count);
        if (misfit != null) {
            return misfit;
        }
        if (count > resize.mostEver()) {
            return PlacementResize.rejected(
                    PlacementResize.INFEASIBLE,
                    asked(slice, count) + "; this node never has more than " + resize.mostEver() + " for pods",
                    "",
                    "asked " + count + " CPUs, at most " + resize.mostEver() + " ever fit");
        }
        int more = count - slice.own().size();
        if (more > resize.most()) {
            return PlacementResize.rejected(
                    PlacementResize.DEFERRED,
                    asked(slice, count),
                    resize.outlook(),
                    PlacementResize.brief(count, slice.own().size(), resize));
        }
        ContainerPlacement grown = with(slice, resize.near(more));
        Optional<Rejection> broken = resize.misfit(grown.own());
        if (broken.isPresent()) {
            return PlacementResize.rejected(PlacementResize.DEFERRED, broken.get());
        }
        CpuSet nodes = resize.nodesOf(slice.own());
        if (!PlacementResize.allows(policy, nodes, resize.nodesOf(grown.own()), resize.fewestNodes(count))) {
            return PlacementResize.rejected(
                    PlacementResize.DEFERRED,
                    "Resources cannot be allocated with Topology locality: " + asked(slice, count)
                            + "; they are on NUMA node " + nodes + " and stay there under topologyManagerPolicy "
                            + policy.text(),
                    resize.outlook(),
                    PlacementResize.briefOnNodes(count, resize, nodes));
        }
        return new Placed(pod.with(grown));
    }

    private static ContainerPlacement with(ContainerPlacement slice, List<Integer> cpus) {
        List<Integer> added = new ArrayList<>(slice.added());
        added.addAll(cpus);
        return new ContainerPlacement(slice.name(), slice.kind(), slice.own().union(CpuSet.of(cpus)), added);
    }

    private static @Nullable ContainerPlacement slice(PodPlacement pod, String container) {
        return pod.container(container).filter(ContainerPlacement::isExclusive).orElse(null);
    }

    /** Returns all CPUs that are allocated, except those of this slice. */
    private CpuSet heldBeside(PodPlacement pod, ContainerPlacement slice) {
        return heldByOthers.union(pod.cpus().minus(slice.own()));
    }

    private static Rejected withoutManager(ContainerPlacement slice, int count) {
        return PlacementResize.rejected(
                PlacementResize.INFEASIBLE,
                asked(slice, count)
                        + "; it has them from before cpuManagerPolicy was none, which neither adds nor removes CPUs",
                "");
    }

    private static String asked(ContainerPlacement slice, int count) {
        return "container \"" + slice.name() + "\" asked " + count + " CPUs for itself; it has "
                + slice.own().size() + " (" + slice.own() + ")";
    }
}
