package io.podslice.managers.topology;

import io.podslice.cgroups.CpuSet;
import io.podslice.managers.topology.NumaSupply.Need;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;

/**
 * The devices that a pod's containers name, as a resource to align with: a set of NUMA nodes is acceptable if every
 * device is local to one of them, and preferred if no smaller set is. Devices are given by their names, so that there
 * is nothing to allocate.
 */
public final class DeviceHints implements HintProvider {
    private final NumaNodes nodes;
    private final List<List<CpuSet>> devices;

    /**
     * @param devices for each container in admission order, the NUMA nodes that each of its devices is local to; an
     *     empty set for a device that is equally near to all nodes. Lists beyond the containers count for the pod as a
     *     whole
     */
    public DeviceHints(NumaNodes nodes, List<List<CpuSet>> devices) {
        this.nodes = nodes;
        this.devices = devices.stream()
                .map(ofContainer -> ofContainer.stream()
                        .filter(device -> !device.isEmpty())
                        .distinct()
                        .toList())
                .toList();
    }

    /** Always true: where CPUs and memory are allocated, devices are no reason to move them. */
    @Override
    public boolean isSettled() {
        return true;
    }

    @Override
    public List<ResourceHints> podHints() {
        return hints(devices.stream().flatMap(List::stream).distinct().toList());
    }

    @Override
    public List<ResourceHints> containerHints(int container) {
        return hints(devices.get(container));
    }

    private List<ResourceHints> hints(List<CpuSet> local) {
        if (local.isEmpty()) {
            return List.of();
        }
        List<Need> needs = local.stream()
                .map(device -> {
                    Map<Integer, Long> one = new HashMap<>();
                    device.forEach(node -> one.put(node, 1L));
                    return new Need(1, one, one);
                })
                .toList();
        return List.of(
                NumaSupply.of(nodes, needs).usable(nodes.all(), nodes.all()).build());
    }

    @Override
    public Optional<Rejection> allocatePod(TopologyHint hint) {
        return Optional.empty();
    }

    @Override
    public Optional<Rejection> allocate(int container, TopologyHint hint) {
        return Optional.empty();
    }

    @Override
    public String outlook() {
        StringJoiner local = new StringJoiner("; ", "devices are local to NUMA nodes ", "");
        devices.stream().flatMap(List::stream).distinct().forEach(device -> local.add(device.toString()));
        return podHints().isEmpty() ? "" : local.toString();
    }
}
