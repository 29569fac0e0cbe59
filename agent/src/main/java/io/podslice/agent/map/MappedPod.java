package io.podslice.agent.map;

import io.podslice.cgroups.CpuSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * A pod as a map shows it. Names are as tenants wrote them; amounts are Kubernetes quantities.
 *
 * @param name namespace and name, e.g. {@code default/web}
 * @param cpu request and limit of its CPU budget, as one amount where they are equal; {@code -} for none
 * @param memory its memory budget likewise
 * @param source the source of its spec
 * @param resize the state of its resize, e.g. {@code Deferred}; empty for none
 * @param cpus all CPUs of its own; empty for a pod that runs in the node shared pool
 * @param sharedPool the pod shared pool, which is among them
 * @param numaNodes NUMA nodes of its CPUs
 */
public record MappedPod(
        String name,
        String cpu,
        String memory,
        String source,
        String resize,
        CpuSet cpus,
        CpuSet sharedPool,
        CpuSet numaNodes,
        List<Container> containers,
        List<Device> devices) {

    public MappedPod {
        containers = List.copyOf(containers);
        devices = List.copyOf(devices);
    }

    /**
     * A container.
     *
     * @param isolation {@code container}, {@code pod} or {@code host}, as the kubelet calls the levels
     * @param cpus the CPUs on which it runs
     */
    public record Container(String name, String kind, String isolation, CpuSet cpus) {}

    /**
     * Devices of a container.
     *
     * @param ids the device plugin's ids, with commas between them
     * @param numaNodes the NUMA nodes to which they are local; empty where they are not known
     */
    public record Device(String container, String resource, String ids, CpuSet numaNodes) {}

    /** Tells if the pod has CPUs of its own, so that it has a letter in the map. */
    public boolean hasCpus() {
        return !cpus.isEmpty();
    }

    /** Returns the names of its containers by the level at which they share CPUs: {@code container: db; pod: log}. */
    public String isolation() {
        Map<String, List<String>> byLevel = new TreeMap<>();
        for (Container container : containers) {
            byLevel.computeIfAbsent(container.isolation().toLowerCase(Locale.ROOT), level -> new ArrayList<>())
                    .add(container.name());
        }
        List<String> levels = new ArrayList<>();
        byLevel.forEach((level, names) -> levels.add(level + ": " + String.join(", ", names)));
        return String.join("; ", levels);
    }

    /** Returns the names of its containers that run on a CPU, with commas between them. */
    String containersOn(int cpu) {
        return String.join(
                ", ",
                containers.stream()
                        .filter(container -> container.cpus().contains(cpu))
                        .map(Container::name)
                        .toList());
    }
}
