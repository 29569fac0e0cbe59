package io.podslice.managers.placement;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.cpu.CpuManager;
import io.podslice.managers.cpu.CpuResize;
import io.podslice.managers.topology.TopologyPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Finds other CPUs for a pod in place of those that the machine no longer has. */
final class GoneReplacement {
    private final CpuManager manager;
    private final TopologyPolicy policy;
    private final CpuSet present;
    private final CpuSet home;

    /**
     * @param present the CPUs that the machine has
     * @param home the NUMA nodes of those that it no longer has; empty where they are not known
     */
    GoneReplacement(CpuManager manager, TopologyPolicy policy, CpuSet present, CpuSet home) {
        this.manager = manager;
        this.policy = policy;
        this.present = present;
        this.home = home;
    }

    /** @param others the CPUs of all other pods */
    PodPlacement of(CpuSet others, PodPlacement pod) {
        Map<Integer, Integer> substitutes = new TreeMap<>();
        if (!pod.ofPod().isEmpty()) {
            find(others, pod, pod.ofPod(), substitutes);
        } else {
            for (ContainerPlacement container : pod.containers()) {
                CpuSet now = replaced(container.own(), substitutes);
                CpuSet rest = replaced(pod.cpus(), substitutes).minus(now);
                find(others.union(rest), pod, now, substitutes);
            }
        }
        return substitutes.isEmpty() ? pod : replaced(pod, substitutes);
    }

    /** Adds substitutes for the CPUs of a set that are gone, as many as there are. */
    private void find(CpuSet others, PodPlacement pod, CpuSet set, Map<Integer, Integer> substitutes) {
        List<Integer> lost = inOrder(set.minus(present), pod);
        if (lost.isEmpty()) {
            return;
        }
        CpuSet kept = set.intersection(present);
        List<Integer> found = find(others, kept, lost.size(), pod);
        if (found.isEmpty()) {
            // Of a core that has lost a CPU no whole core can be made: under full-pcpus-only all of it moves.
            CpuSet broken = manager.resize(others, kept).ofSmallCores(kept);
            List<Integer> more = new ArrayList<>(lost);
            broken.forEach(more::add);
            List<Integer> whole =
                    broken.isEmpty() ? List.of() : find(others.union(broken), kept.minus(broken), more.size(), pod);
            if (whole.size() == more.size()) {
                lost = more;
                found = whole;
            }
        }
        for (int i = 0; i < found.size(); i++) {
            substitutes.put(lost.get(i), found.get(i));
        }
    }

    /** Puts the CPUs of exclusive slices first: whatever is left of a pool, its containers can run on. */
    private static List<Integer> inOrder(CpuSet lost, PodPlacement pod) {
        List<Integer> order = new ArrayList<>();
        lost.intersection(pod.sliced()).forEach(order::add);
        lost.minus(pod.sliced()).forEach(order::add);
        return order;
    }

    private List<Integer> find(CpuSet others, CpuSet kept, int count, PodPlacement pod) {
        CpuResize resize = manager.resize(others, kept);
        CpuSet nodes = kept.isEmpty() ? home(pod) : resize.nodesOf(kept);
        List<Integer> near = kept.isEmpty() && !nodes.isEmpty() ? resize.nearOn(nodes, count) : resize.near(count);
        for (int size = Math.min(count, near.size()); size > 0; size--) {
            CpuSet all = kept.union(CpuSet.of(near.subList(0, size)));
            if (resize.misfit(all).isEmpty() && isAllowed(resize, nodes, all)) {
                return List.copyOf(near.subList(0, size));
            }
        }
        return List.of();
    }

    private CpuSet home(PodPlacement pod) {
        return home.isEmpty() ? pod.memoryNodes() : home;
    }

    private boolean isAllowed(CpuResize resize, CpuSet nodes, CpuSet all) {
        CpuSet after = resize.nodesOf(all);
        return nodes.isEmpty()
                ? after.size() <= resize.fewestNodes(all.size())
                : PlacementResize.allows(policy, nodes, after, resize.fewestNodes(all.size()));
    }

    private static PodPlacement replaced(PodPlacement pod, Map<Integer, Integer> substitutes) {
        List<ContainerPlacement> containers = new ArrayList<>();
        for (ContainerPlacement container : pod.containers()) {
            containers.add(new ContainerPlacement(
                    container.name(),
                    container.kind(),
                    replaced(container.own(), substitutes),
                    replaced(container.added(), substitutes)));
        }
        return new PodPlacement(
                containers, replaced(pod.ofPod(), substitutes), replaced(pod.added(), substitutes), pod.memory());
    }

    private static CpuSet replaced(CpuSet cpus, Map<Integer, Integer> substitutes) {
        List<Integer> ids = new ArrayList<>();
        cpus.forEach(cpu -> ids.add(substitutes.getOrDefault(cpu, cpu)));
        return CpuSet.of(ids);
    }

    private static List<Integer> replaced(List<Integer> cpus, Map<Integer, Integer> substitutes) {
        return cpus.stream().map(cpu -> substitutes.getOrDefault(cpu, cpu)).toList();
    }
}
