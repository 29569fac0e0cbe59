package io.podslice.managers.cpu;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Cpu;
import io.podslice.managers.cpu.CpuManager.Settings;
import io.podslice.managers.pod.PodSpec;
import io.podslice.managers.pod.Quantity;
import io.podslice.managers.pod.ResourceList;
import io.podslice.managers.pod.ResourceName;
import io.podslice.managers.pod.ResourceRequirements;
import io.podslice.managers.topology.NumaNodes;
import io.podslice.managers.topology.TopologyHint;
import io.podslice.managers.vectors.VectorPods;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/** The parts that the CPU manager's vector files share. */
final class CpuManagerCases {
    private CpuManagerCases() {}

    static CpuSet set(JsonNode ids) {
        return CpuSet.of(ids.valueStream().mapToInt(JsonNode::intValue).toArray());
    }

    /** Rows of cpu, core, socket and numa; without L3 caches. */
    static CpuTopology topology(JsonNode rows) {
        List<Cpu> cpus = new ArrayList<>();
        for (JsonNode row : rows) {
            int socket = row.required("socket").intValue();
            cpus.add(new Cpu(
                    row.required("cpu").intValue(),
                    row.required("core").intValue(),
                    socket,
                    row.required("numa").intValue(),
                    socket));
        }
        return CpuTopology.of(cpus);
    }

    static Settings settings(CpuTopology topology, JsonNode options, CpuSet reserved, boolean podLevel) {
        Map<String, String> values = new TreeMap<>();
        options.propertyStream()
                .forEach(option -> values.put(option.getKey(), option.getValue().stringValue()));
        return new Settings(
                topology,
                NumaNodes.of(topology.numaNodes(), new TreeMap<>()),
                CpuManagerOptions.of(values),
                reserved,
                CpuSet.empty(),
                podLevel);
    }

    static CpuManagerState state(JsonNode initial) {
        CpuManagerState state = CpuManagerState.EMPTY;
        CpuSet shared = set(initial.required("defaultCPUSet"));
        for (Map.Entry<String, JsonNode> pod : initial.required("podCPUSets").properties()) {
            CpuSet cpus = set(pod.getValue());
            if (!cpus.intersects(shared)) {
                // Upstream's state can list shared CPUs under a pod; in podslice they follow from the pods' exclusive
                // CPUs.
                state = state.with(pod.getKey(), new CpuManagerState.Pod(cpus, new TreeMap<>()));
            }
        }
        for (Map.Entry<String, JsonNode> pod : initial.required("assignments").properties()) {
            SortedMap<String, CpuSet> containers = new TreeMap<>();
            pod.getValue().propertyStream().forEach(c -> containers.put(c.getKey(), set(c.getValue())));
            state = state.with(
                    pod.getKey(),
                    new CpuManagerState.Pod(state.pod(pod.getKey()).ofPod(), containers));
        }
        return state;
    }

    /** Upstream's helpers give each container 100Mi of memory and the pod 300Mi. */
    static PodSpec pod(JsonNode pod) {
        return VectorPods.pod(pod, level -> resources(level, "300Mi"), container -> resources(container, "100Mi"));
    }

    private static ResourceRequirements resources(JsonNode of, String memory) {
        return new ResourceRequirements(list(of.required("cpuRequest"), memory), list(of.required("cpuLimit"), memory));
    }

    private static ResourceList list(JsonNode cpu, String memory) {
        Map<ResourceName, Quantity> amounts = new TreeMap<>();
        amounts.put(ResourceName.MEMORY, Quantity.parse(memory));
        if (!cpu.isNull()) {
            amounts.put(ResourceName.CPU, Quantity.parse(cpu.stringValue()));
        }
        return ResourceList.of(amounts);
    }

    /** Returns the resources of a Guaranteed container with that much CPU. */
    static ResourceRequirements guaranteed(String cpu) {
        ResourceList amounts = ResourceList.of(cpu, "100Mi");
        return new ResourceRequirements(amounts, amounts);
    }

    static TopologyHint hint(JsonNode mask) {
        return new TopologyHint(mask.isNull() ? null : set(mask), !mask.isNull());
    }
}
