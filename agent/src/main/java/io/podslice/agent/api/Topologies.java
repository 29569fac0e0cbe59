package io.podslice.agent.api;

import io.podslice.cgroups.CpuSet;
import io.podslice.cgroups.machine.Cpu;
import io.podslice.cgroups.machine.Machine;
import io.podslice.proto.v1.Topology;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Translates machines to messages of podslice.v1 and back. Pure. */
public final class Topologies {
    private static final int NO_L3 = -1;

    private Topologies() {}

    static Topology of(Machine machine) {
        Topology.Builder topology = Topology.newBuilder()
                .setOfflineCpus(machine.offline().toString())
                .setIsolatedCpus(machine.isolated().toString())
                .setBarredCpus(machine.barred().toString());
        for (Cpu cpu : machine.cpus()) {
            topology.addCpus(Topology.Cpu.newBuilder()
                    .setId(cpu.id())
                    .setCore(cpu.core())
                    .setSocket(cpu.socket())
                    .setNumaNode(cpu.numaNode())
                    .setL3(cpu.hasL3() ? cpu.l3() : NO_L3));
        }
        machine.numaNodes().forEach(id -> topology.addNumaNodes(node(machine, id)));
        return topology.build();
    }

    private static Topology.NumaNode node(Machine machine, int id) {
        Topology.NumaNode.Builder node = Topology.NumaNode.newBuilder().setId(id);
        Long memory = machine.memory().get(id);
        if (memory != null) {
            node.setMemoryBytes(memory);
        }
        new TreeMap<>(machine.hugepages().getOrDefault(id, Map.of()))
                .forEach((size, count) -> node.addHugepages(
                        Topology.HugePages.newBuilder().setPageBytes(size).setCount(count)));
        return node.addAllDistances(machine.distances().getOrDefault(id, List.of()))
                .build();
    }

    /**
     * Returns the machine that a message describes.
     *
     * @throws IllegalArgumentException if it describes none; the message names the field and its value
     */
    public static Machine machine(Topology topology) {
        List<Cpu> cpus = new ArrayList<>();
        for (Topology.Cpu cpu : topology.getCpusList()) {
            int id = checked("id", cpu.getId());
            int core = checked("core", cpu.getCore());
            int socket = checked("socket", cpu.getSocket());
            int node = checked("numa_node", cpu.getNumaNode());
            cpus.add(
                    cpu.getL3() == NO_L3
                            ? Cpu.withoutL3(id, core, socket, node)
                            : new Cpu(id, core, socket, node, checked("l3", cpu.getL3())));
        }
        SortedMap<Integer, Long> memory = new TreeMap<>();
        SortedMap<Integer, Map<Long, Long>> hugepages = new TreeMap<>();
        SortedMap<Integer, List<Integer>> distances = new TreeMap<>();
        for (Topology.NumaNode node : topology.getNumaNodesList()) {
            int id = checked("numa_nodes", node.getId());
            if (node.hasMemoryBytes()) {
                memory.put(id, node.getMemoryBytes());
            }
            Map<Long, Long> pages = new HashMap<>();
            node.getHugepagesList().forEach(pool -> pages.put(pool.getPageBytes(), pool.getCount()));
            hugepages.put(id, pages);
            if (node.getDistancesCount() > 0) {
                distances.put(id, node.getDistancesList());
            }
        }
        return new Machine(
                        cpus,
                        memory,
                        hugepages,
                        distances,
                        CpuSet.parse(topology.getOfflineCpus()),
                        CpuSet.parse(topology.getIsolatedCpus()))
                .withBarred(CpuSet.parse(topology.getBarredCpus()));
    }

    private static int checked(String field, int id) {
        if (id < 0 || id > CpuSet.MAX_ID) {
            throw new IllegalArgumentException(
                    "topology: " + field + " " + id + ": must be between 0 and " + CpuSet.MAX_ID);
        }
        return id;
    }
}
