package io.podslice.agent;

import io.podslice.agent.config.Configuration;
import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Machine;
import io.podslice.managers.memory.MemoryCapacity;
import io.podslice.managers.pod.ResourceName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Whether the machine has what the configuration reserves of it. The kubelet checks the same at its start, with the
 * same words where it has some.
 */
final class Reservations {
    private Reservations() {}

    /** What is wrong, a line each; empty if nothing is. */
    static List<String> problems(Configuration configuration, Machine machine) {
        List<String> problems = new ArrayList<>();
        CpuSet reserved = configuration.policy().reservedSystemCpus();
        CpuSet online = machine.cpuSet();
        if (!online.containsAll(reserved)) {
            CpuSet offline = reserved.intersection(machine.offline());
            problems.add("reservedSystemCPUs \"" + reserved + "\": reserved-cpus: " + reserved
                    + " is not a subset of online-cpus: " + online
                    + (offline.isEmpty() ? "" : "; offline: " + offline));
        } else if (reserved.containsAll(online)) {
            problems.add("reservedSystemCPUs \"" + reserved + "\": leaves none of the CPUs " + online + " to pods");
        }
        configuration
                .policy()
                .reservedMemory()
                .forEach((node, limits) -> new TreeMap<>(limits).forEach((type, bytes) -> {
                    String field = "reservedMemory numaNode " + node + ": ";
                    long has = has(machine, node, type);
                    if (!machine.numaNodes().contains(node)) {
                        problems.add(field + "the reserved memory configuration references a NUMA node " + node
                                + " that does not exist on this machine; it has " + machine.numaNodes());
                    } else if (bytes > has) {
                        problems.add(field + "limits." + type + " " + bytes + ": the node has only " + has + " bytes");
                    }
                }));
        return problems;
    }

    private static long has(Machine machine, int node, ResourceName type) {
        MemoryCapacity.Amount amount = MemoryCapacity.of(machine, Map.of())
                .byNode()
                .getOrDefault(node, new TreeMap<>())
                .get(type);
        return amount == null ? 0 : amount.total();
    }
}
